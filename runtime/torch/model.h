// A trained U-Net with all that its next training and its evaluation need.
#pragma once

#include <string>
#include <vector>

#include <llvm/Support/JSON.h>

#include "runtime/torch/fields.h"
#include "runtime/torch/unet.h"

namespace wfc::learn {

/// Days that a model was trained on, and how well it did right after on those that it had not seen:
/// a root mean square error in deviations of the variables.
struct Window {
  std::string first, last;
  double error = 0;
};

struct Model {
  UnetSettings net;
  std::vector<Variable> variables;
  int64_t rows = 0, columns = 0;
  Seconds step = 0;
  /// Of each variable in the data of the first training, by which they are brought to one scale.
  Tensor mean, deviation;
  std::vector<Window> windows;
  Tensor theta, fisher;
  /// Of the file it was read from.
  std::string hash;

  std::vector<std::string> names() const;
  /// From now on its tensors are there.
  void bringTo(at::Device place);
  /// [sample, variable, row, column] on one scale.
  Tensor scaled(const Tensor& fields) const;
  /// A Problem where the data are of another grid, step or unit.
  void mustFit(const Fields& fields, const std::string& path) const;
};

Model readModel(const std::string& path);

/// The hash of the file.
std::string writeModel(const Model& model, const std::string& path);

llvm::json::Array jsonOf(const std::vector<Window>& windows);

/// Of pairs, the first four fifths are learnt and the rest is held out; neither is empty.
struct Split {
  std::vector<Pair> learnt, heldOut;
};

/// The pairs one step apart in a window, or a Problem.
Split splitOf(const Fields& fields, const std::string& first, const std::string& last);

/// A day, or wrong use.
Seconds dayIn(const std::string& text, const std::string& flag);

/// Both ends of pairs as [sample, variable, row, column], on the scale of the model, which is where
/// the fields are.
struct Batch {
  Tensor now, later;
};
Batch batchOf(const Model& model, Fields& fields, const std::vector<Pair>& pairs);

/// The root mean square error over pairs, in deviations.
double errorOf(const Unet& net, const Model& model, Fields& fields, const std::vector<Pair>& pairs,
               const Tensor& theta);

}  // namespace wfc::learn
