// A training: steps of Adam over shuffled samples, which may end at any moment and goes on later
// with the same bits.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "compiler/base/words.h"

#include "runtime/torch/tensors.h"

namespace wfc::learn {

/// What is to be learnt.
struct Lessons {
  int64_t samples = 0;
  /// The loss over some samples. What it leaves to chance follows from the number of the step.
  std::function<Tensor(const Tensor& theta, const std::vector<int64_t>& chosen, int64_t step)> loss;
  /// How good the weights are on what is not learnt from; less is better.
  std::function<double(const Tensor& theta)> heldOut;
};

/// How.
struct Course {
  int64_t epochs = 10, batch = 32;
  double rate = 0.001;
  uint64_t seed = 1;
  /// Where the state is kept, or nothing.
  std::string checkpoint;
  /// Everything that the result depends on, in any words: a checkpoint of another training is left.
  std::string request;
};

struct Learnt {
  Tensor theta;
  int64_t steps = 0;
  double heldOut = 0;
};

/// Trains from these weights. The state is saved after each epoch, on SIGUSR1, and on SIGTERM,
/// which ends the process after that. A loss that is no number is a Problem.
Learnt follow(const Course& course, const Lessons& lessons, const Tensor& theta);

/// A Problem where these files cannot be written: known before anything is learnt.
void mustBeWritable(const base::Given& given, const std::vector<llvm::StringRef>& flags);

/// The flags of a course, and what they say.
std::vector<base::Flag> courseFlags();
Course courseOf(const base::Given& given);

}  // namespace wfc::learn
