// A small recurrent convolutional network that says what class a picture is of.
//
// Channels are driven by the picture and hear each other, as they were a moment before:
// h(t) = relu(W ∗ x + R ∗ h(t − 1)), h(0) = 0. After some moments the means of the channels are
// read out.
#pragma once

#include <string>
#include <vector>

#include "runtime/torch/parameters.h"

namespace wfc::learn {

struct RecurrentSettings {
  /// Of a picture: layers such as colours, and classes.
  int64_t layers = 1, classes = 2;
  int64_t channels = 8, timesteps = 2;
  /// What of a moment before a channel hears: one of `recurrences`.
  std::string recurrence = "full";
};

/// off: nothing; self: itself, at the same place; depthwise: itself, there and around; pointwise:
/// all, at the same place; full: all, there and around.
const std::vector<std::string>& recurrences();

class Recurrent {
 public:
  explicit Recurrent(const RecurrentSettings& settings);
  const Parameters& parameters() const { return parameters_; }
  Tensor initial(uint64_t seed) const { return parameters_.initial(seed, "among"); }
  /// Scores of the classes for [sample, layer, row, column]. `kept`, if defined, says which means
  /// are read out: [sample, channel].
  /// Computes in the type of `flat`; scores are in 32 bits.
  Tensor forward(const Tensor& flat, const Tensor& pictures, const Tensor& kept = {}) const;

 private:
  Tensor heard(const std::vector<Tensor>& weights, const Tensor& state) const;

  RecurrentSettings settings_;
  Parameters parameters_;
  size_t drive_ = 0, among_ = 0, read_ = 0;
};

}  // namespace wfc::learn
