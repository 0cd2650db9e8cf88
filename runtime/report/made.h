// What an instance that is ok made and told: its files, and the small values beside them.
#pragma once

#include <string>

#include <llvm/Support/JSON.h>

#include "runtime/engine/engine.h"

namespace wfc::run {

struct Made {
  struct File {
    llvm::StringRef output;
    Details::Output file;
  };
  struct Value {
    llvm::StringRef output;
    std::string json;
  };
  std::vector<File> files;
  std::vector<Value> values;
};

/// Nothing of one that is not ok, nor what is there no more: temporaries that were read.
Made madeBy(const Engine& engine, InstanceId id);
/// The attributes `outputs` and, where something was told, `values` of an instance.
void writeMade(llvm::json::OStream& json, const Engine& engine, InstanceId id);
/// The path of an output, which may lie elsewhere, in a run's folder.
std::string pathIn(llvm::StringRef run, llvm::StringRef path);

}  // namespace wfc::run
