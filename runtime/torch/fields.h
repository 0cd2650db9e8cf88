// Gridded fields over time, from many files: an index of all of them, and one moment at a time in
// memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/torch/netcdf.h"
#include "runtime/torch/tensors.h"

namespace wfc::learn {

/// A moment and the moment that is to be told from it, as places in `Fields::times`.
struct Pair {
  size_t from = 0, to = 0;
};

class Fields {
 public:
  /// Files, and folders of `*.nc`; all have the same grid. Without names all variables of the
  /// first.
  Fields(const std::vector<std::string>& paths, const std::vector<std::string>& names);

  const std::vector<Variable>& variables() const { return variables_; }
  std::vector<std::string> names() const;
  int64_t rows() const { return rows_; }
  int64_t columns() const { return columns_; }
  bool goesAround() const { return around_; }
  /// From one moment to the next: the least there is.
  Seconds step() const { return step_; }
  size_t moments() const { return moments_.size(); }
  Seconds timeOf(size_t moment) const { return moments_[moment].time; }
  /// [variable, row, column], in the units of the file. What was read stays in memory up to a
  /// limit.
  Tensor at(size_t moment);
  /// From now on what `at` gives is there: a GPU that has to be sent its fields again and again
  /// waits for them.
  void bringTo(at::Device place);
  /// Pairs `leads` steps apart, both within the days from `first` to `last`. Where a moment is
  /// missing there is none.
  std::vector<Pair> pairsIn(Seconds first, Seconds last, int64_t leads) const;

 private:
  struct Moment {
    Seconds time = 0;
    size_t file = 0, place = 0;
    Tensor cells = {};
  };
  void index(size_t number, const std::vector<std::string>& names);
  void order();

  std::vector<std::string> files_;
  std::vector<Moment> moments_;
  std::vector<Variable> variables_;
  int64_t rows_ = 0, columns_ = 0, held_ = 0;
  bool around_ = false;
  at::Device place_{at::kCPU};
  Seconds step_ = 0;
  std::unique_ptr<NetcdfFile> open_;
};

}  // namespace wfc::learn
