// A trained classifier and the pictures it is trained on and judged by.
#pragma once

#include <string>
#include <vector>

#include "runtime/torch/recurrent.h"

namespace wfc::learn {

/// Pictures [sample, layer, row, column] and the numbers of their classes [sample].
struct Pictures {
  Tensor cells, classes;
  /// One more than the greatest number of a class.
  int64_t count = 0;
  std::string hash;
  Pictures part(int64_t from, int64_t to) const;
};

/// Reads them from a file in the format safetensors, or throws a Problem.
Pictures readPictures(const std::string& path);

/// What a picture looks like with this contrast and normal noise of this width.
Tensor seen(const Tensor& cells, double contrast, double noise, at::Generator chances);

struct Classifier {
  RecurrentSettings net;
  int64_t rows = 0, columns = 0;
  Tensor theta;
  std::string hash;
};

Classifier readClassifier(const std::string& path);

/// The hash of the file.
std::string writeClassifier(const Classifier& classifier, const std::string& path);

/// Scores of all pictures, not all at once.
Tensor scoresOf(const Recurrent& net, const Tensor& theta, const Tensor& pictures);

}  // namespace wfc::learn
