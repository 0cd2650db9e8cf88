// What makes the outputs of an instance: the text of its body, the values given to it, its
// environment, what its outputs are declared to be, and what it reads. Two attempts of the same
// recipe make the same; needs, limits of time and order are no part of it.
#pragma once

#include <string>

#include "runtime/attempt/run.h"

namespace wfc::run {

struct Recipe {
  std::string program, values, environment, outputs;
  std::string text() const { return program + values + environment + outputs; }
};
/// Of a job that makeRecipeJob made.
Recipe recipeOf(const Job& job);

/// 128 bits of BLAKE3, in hex.
std::string shortHash(llvm::StringRef text);

/// The recipe with all that is read, as one word.
std::string hashOfRecipe(const std::string& run, const std::string& recipe,
                         const std::vector<JobInput>& inputs);

/// What an attempt before made stands: fills in the ending as if this one had made it. False: the
/// body is to run.
bool letStand(const Job& job, Ending& ending);

}  // namespace wfc::run
