// See netcdf.h.
#include "runtime/torch/netcdf.h"

#include <cmath>
#include <netcdf.h>

#include <fmt/format.h>

#include "runtime/beside/problem.h"

namespace wfc::learn {

using namespace beside;

NetcdfFile::NetcdfFile(std::string path) : path_(std::move(path)) {
  need(::nc_open(path_.c_str(), NC_NOWRITE, &file_), "cannot be read as NetCDF");
}

NetcdfFile::~NetcdfFile() {
  if (file_ >= 0) ::nc_close(file_);
}

void NetcdfFile::need(int status, const std::string& doing) const {
  if (status == NC_NOERR) return;
  fail(path_, fmt::format("{}: {}", doing, ::nc_strerror(status)));
}

int NetcdfFile::idOf(const std::string& variable) const {
  int id = 0;
  need(::nc_inq_varid(file_, variable.c_str(), &id), fmt::format("variable `{}`", variable));
  return id;
}

std::vector<int> NetcdfFile::dimensionsOf(int id) const {
  int count = 0;
  need(::nc_inq_varndims(file_, id, &count), "its variables cannot be listed");
  std::vector<int> dimensions(static_cast<size_t>(count));
  need(::nc_inq_vardimid(file_, id, dimensions.data()), "its variables cannot be listed");
  return dimensions;
}

std::string NetcdfFile::textOfAttribute(int id, const char* name) const {
  size_t length = 0;
  nc_type type = NC_NAT;
  if (::nc_inq_att(file_, id, name, &type, &length) != NC_NOERR || type != NC_CHAR) return {};
  std::string text(length, '\0');
  need(::nc_get_att_text(file_, id, name, text.data()), fmt::format("attribute `{}`", name));
  return text.substr(0, text.find('\0'));
}

std::optional<double> NetcdfFile::numberOfAttribute(int id, const char* name) const {
  size_t length = 0;
  nc_type type = NC_NAT;
  double number = 0;
  if (::nc_inq_att(file_, id, name, &type, &length) != NC_NOERR || type == NC_CHAR || length != 1)
    return {};
  need(::nc_get_att_double(file_, id, name, &number), fmt::format("attribute `{}`", name));
  return number;
}

std::vector<Variable> NetcdfFile::fields() const {
  int count = 0, time = 0;
  need(::nc_inq_nvars(file_, &count), "its variables cannot be listed");
  if (::nc_inq_dimid(file_, "time", &time) != NC_NOERR) fail(path_, "has no dimension `time`");
  std::vector<Variable> found;
  for (int id = 0; id < count; ++id) {
    std::vector<int> dimensions = dimensionsOf(id);
    char name[NC_MAX_NAME + 1] = {};
    need(::nc_inq_varname(file_, id, name), "its variables cannot be listed");
    if (dimensions.size() == 3 && dimensions.front() == time)
      found.push_back({name, textOfAttribute(id, "units")});
  }
  return found;
}

std::vector<Seconds> NetcdfFile::times() const {
  int id = idOf("time");
  std::string units = textOfAttribute(id, "units"), calendar = textOfAttribute(id, "calendar");
  if (!calendar.empty() && calendar != "standard" && calendar != "gregorian" &&
      calendar != "proleptic_gregorian")
    fail(path_, fmt::format("counts time in the calendar `{}`", calendar),
         "only the standard calendar is known here");
  std::optional<TimeUnits> meaning = timeUnitsOf(units);
  if (!meaning)
    fail(path_, fmt::format("counts time in `{}`", units),
         "one that is known: days since 2025-01-01");
  std::vector<int> dimensions = dimensionsOf(id);
  size_t count = 1;
  for (int dimension : dimensions) {
    size_t length = 0;
    need(::nc_inq_dimlen(file_, dimension, &length), "its times cannot be read");
    count *= length;
  }
  std::vector<double> values(count);
  need(::nc_get_var_double(file_, id, values.data()), "its times cannot be read");
  std::vector<Seconds> times;
  for (double value : values) times.push_back(meaning->of(value));
  return times;
}

std::pair<int64_t, int64_t> NetcdfFile::sizeOf(const std::string& variable) const {
  std::vector<int> dimensions = dimensionsOf(idOf(variable));
  if (dimensions.size() != 3)
    fail(path_, fmt::format("variable `{}` has {} dimensions", variable, dimensions.size()),
         "a field has time, row and column");
  size_t rows = 0, columns = 0;
  need(::nc_inq_dimlen(file_, dimensions[1], &rows), variable);
  need(::nc_inq_dimlen(file_, dimensions[2], &columns), variable);
  return {static_cast<int64_t>(rows), static_cast<int64_t>(columns)};
}

bool NetcdfFile::goesAround(const std::string& variable) const {
  char name[NC_MAX_NAME + 1] = {};
  int id = 0;
  need(::nc_inq_dimname(file_, dimensionsOf(idOf(variable))[2], name), variable);
  if (::nc_inq_varid(file_, name, &id) != NC_NOERR || dimensionsOf(id).size() != 1 ||
      textOfAttribute(id, "units") != "degrees_east")
    return false;
  auto columns = static_cast<size_t>(sizeOf(variable).second);
  std::vector<double> places(columns);
  need(::nc_get_var_double(file_, id, places.data()), name);
  if (columns < 2) return false;
  double step = places[1] - places[0];
  return std::abs(std::abs(step) * static_cast<double>(columns) - 360) < std::abs(step) / 2;
}

void NetcdfFile::read(const std::string& variable, size_t time, float* cells) const {
  int id = idOf(variable);
  auto [rows, columns] = sizeOf(variable);
  size_t start[] = {time, 0, 0};
  size_t count[] = {1, static_cast<size_t>(rows), static_cast<size_t>(columns)};
  std::vector<double> raw(count[1] * count[2]);
  need(::nc_get_vara_double(file_, id, start, count, raw.data()),
       fmt::format("variable `{}` cannot be read", variable));
  std::optional<double> fill = numberOfAttribute(id, "_FillValue");
  std::optional<double> missing = numberOfAttribute(id, "missing_value");
  double scale = numberOfAttribute(id, "scale_factor").value_or(1);
  double offset = numberOfAttribute(id, "add_offset").value_or(0);
  for (size_t n = 0; n < raw.size(); ++n) {
    if (!std::isfinite(raw[n]) || raw[n] == fill || raw[n] == missing)
      fail(path_,
           fmt::format("variable `{}` has no value at time {}, row {}, column {}", variable, time,
                       n / count[2], n % count[2]),
           "a network needs one everywhere: fill it before, or leave the variable out");
    cells[n] = static_cast<float>(raw[n] * scale + offset);
  }
}

}  // namespace wfc::learn
