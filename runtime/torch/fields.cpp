// See fields.h.
#include "runtime/torch/fields.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "compiler/base/words.h"

#include "runtime/beside/problem.h"

namespace wfc::learn {

using namespace beside;

namespace {

namespace fs = std::filesystem;

std::vector<std::string> filesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    size_t before = files.size();
    for (const fs::directory_entry& entry : fs::directory_iterator(path, error))
      if (entry.path().extension() == ".nc") files.push_back(entry.path().string());
    if (files.size() == before) fail(path, "has no file *.nc");
    std::sort(files.begin() + static_cast<ptrdiff_t>(before), files.end());
  }
  return files;
}

Variable chosen(const std::string& path, const std::vector<Variable>& all,
                const std::string& name) {
  std::vector<std::string> names;
  for (const Variable& variable : all) {
    if (variable.name == name) return variable;
    names.push_back(variable.name);
  }
  fail(path, fmt::format("has no variable `{}` of (time, row, column){}", name,
                         base::nearestOf(name, names)));
}

}  // namespace

Fields::Fields(const std::vector<std::string>& paths, const std::vector<std::string>& names)
    : files_(filesOf(paths)) {
  for (size_t n = 0; n < files_.size(); ++n) index(n, n == 0 ? names : this->names());
  order();
}

std::vector<std::string> Fields::names() const {
  std::vector<std::string> names;
  for (const Variable& variable : variables_) names.push_back(variable.name);
  return names;
}

void Fields::index(size_t number, const std::vector<std::string>& names) {
  const std::string& path = files_[number];
  NetcdfFile file(path);
  std::vector<Variable> all = file.fields(), these;
  if (all.empty()) fail(path, "has no variable of (time, row, column)");
  for (const std::string& name : names) these.push_back(chosen(path, all, name));
  if (these.empty()) these = all;
  for (const Variable& variable : these) {
    auto [rows, columns] = file.sizeOf(variable.name);
    if (rows_ == 0) std::tie(rows_, columns_) = std::pair(rows, columns);
    if (rows != rows_ || columns != columns_)
      fail(path, fmt::format("variable `{}` has {} x {} cells, not {} x {} as what was read before",
                             variable.name, rows, columns, rows_, columns_));
  }
  if (variables_.empty()) {
    variables_ = these;
    around_ = file.goesAround(these.front().name);
  }
  size_t place = 0;
  for (Seconds time : file.times()) moments_.push_back({time, number, place++});
}

void Fields::order() {
  std::sort(moments_.begin(), moments_.end(),
            [](const Moment& a, const Moment& b) { return a.time < b.time; });
  for (size_t n = 1; n < moments_.size(); ++n) {
    Seconds span = moments_[n].time - moments_[n - 1].time;
    if (span == 0)
      fail(files_[moments_[n].file], fmt::format("has fields of {}, as {} has", textOf(timeOf(n)),
                                                 files_[moments_[n - 1].file]));
    step_ = step_ == 0 ? span : std::min(step_, span);
  }
}

Tensor Fields::at(size_t number) {
  Moment& moment = moments_[number];
  if (moment.cells.defined()) return moment.cells;
  const std::string& path = files_[moment.file];
  if (!open_ || open_->path() != path) {
    open_.reset();
    open_ = std::make_unique<NetcdfFile>(path);
  }
  auto count = static_cast<int64_t>(variables_.size());
  Tensor cells = at::empty({count, rows_, columns_}, at::kFloat);
  for (int64_t n = 0; n < count; ++n)
    open_->read(variables_[static_cast<size_t>(n)].name, moment.place,
                cells.data_ptr<float>() + n * rows_ * columns_);
  cells = cells.to(place_);
  auto bytes = static_cast<int64_t>(cells.nbytes());
  if (held_ + bytes <= kHeldBytes) {
    held_ += bytes;
    moment.cells = cells;
  }
  return cells;
}

void Fields::bringTo(at::Device place) {
  place_ = place;
  for (Moment& moment : moments_)
    if (moment.cells.defined()) moment.cells = moment.cells.to(place);
}

std::vector<Pair> Fields::pairsIn(Seconds first, Seconds last, int64_t leads) const {
  std::vector<Pair> pairs;
  if (step_ == 0) return pairs;
  auto from =
      std::lower_bound(moments_.begin(), moments_.end(), first,
                       [](const Moment& moment, Seconds time) { return moment.time < time; });
  for (auto begin = from; begin != moments_.end() && begin->time < last + kDay; ++begin) {
    Seconds wanted = begin->time + leads * step_;
    auto end =
        std::lower_bound(begin, moments_.end(), wanted,
                         [](const Moment& moment, Seconds time) { return moment.time < time; });
    if (end == moments_.end() || end->time != wanted || wanted >= last + kDay) continue;
    pairs.push_back({static_cast<size_t>(begin - moments_.begin()),
                     static_cast<size_t>(end - moments_.begin())});
  }
  return pairs;
}

}  // namespace wfc::learn
