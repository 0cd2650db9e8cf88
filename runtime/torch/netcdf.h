// A NetCDF file of fields over time: variables of (time, row, column), by Unidata's library.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/torch/calendar.h"

namespace wfc::learn {

/// What is known of a variable beside its values.
struct Variable {
  std::string name, units;
};

class NetcdfFile {
 public:
  /// Opens it, or throws a Problem.
  explicit NetcdfFile(std::string path);
  ~NetcdfFile();
  NetcdfFile(const NetcdfFile&) = delete;
  NetcdfFile& operator=(const NetcdfFile&) = delete;

  const std::string& path() const { return path_; }
  /// The variables of (time, row, column), in the file's order.
  std::vector<Variable> fields() const;
  /// The times of the file, one for each field of a variable.
  std::vector<Seconds> times() const;
  /// Rows and columns of a variable.
  std::pair<int64_t, int64_t> sizeOf(const std::string& variable) const;
  /// Whether columns go once around the globe, so that the last is a neighbour of the first.
  bool goesAround(const std::string& variable) const;
  /// One field, row by row, unpacked; a cell without a value is a Problem.
  void read(const std::string& variable, size_t time, float* cells) const;

 private:
  int idOf(const std::string& variable) const;
  std::vector<int> dimensionsOf(int id) const;
  std::string textOfAttribute(int id, const char* name) const;
  std::optional<double> numberOfAttribute(int id, const char* name) const;
  void need(int status, const std::string& doing) const;

  std::string path_;
  int file_ = -1;
};

}  // namespace wfc::learn
