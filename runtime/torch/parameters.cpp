// See parameters.h.
#include "runtime/torch/parameters.h"

#include <ATen/CPUGeneratorImpl.h>
#include <cmath>
#include <numeric>
#include <random>

#include <llvm/ADT/StringRef.h>

namespace wfc::learn {

namespace {

/// SplitMix64 (Steele et al. 2014): neighbouring numbers lead far apart.
uint64_t mixed(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

}  // namespace

int64_t Shape::count() const {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

size_t Parameters::add(const std::string& name, std::vector<int64_t> sizes) {
  shapes_.push_back({name, std::move(sizes)});
  count_ += shapes_.back().count();
  return shapes_.size() - 1;
}

size_t Parameters::addConvolution(const std::string& name, int64_t in, int64_t out, int64_t side) {
  size_t number = add(name + ".weight", {out, in, side, side});
  add(name + ".bias", {out});
  return number;
}

std::vector<Tensor> Parameters::viewsOf(const Tensor& flat) const {
  std::vector<int64_t> counts;
  for (const Shape& shape : shapes_) counts.push_back(shape.count());
  std::vector<Tensor> views = flat.split_with_sizes(counts);
  for (size_t n = 0; n < views.size(); ++n) views[n] = views[n].view(shapes_[n].sizes);
  return views;
}

Tensor Parameters::initial(uint64_t seed, const std::string& calm) const {
  at::Generator chances = chancesOf(seed, 1);
  std::vector<Tensor> parts;
  for (const Shape& shape : shapes_) {
    bool isCalm = !calm.empty() && llvm::StringRef(shape.name).starts_with(calm);
    bool isWeight = shape.sizes.size() > 1 && !isCalm;
    double inputs = static_cast<double>(shape.count()) / static_cast<double>(shape.sizes.front());
    Tensor part = at::zeros({shape.count()});
    if (isWeight) part.normal_(0, std::sqrt(2 / inputs), chances);
    parts.push_back(part);
  }
  return at::cat(parts);
}

at::Generator chancesOf(uint64_t seed, uint64_t purpose, uint64_t number, at::Device place) {
  uint64_t from = mixed(seed ^ mixed(purpose ^ mixed(number)));
  if (place.is_cpu()) return at::detail::createCPUGenerator(from);
  at::Generator chances = at::globalContext().defaultGenerator(place);
  chances.set_current_seed(from);
  return chances;
}

std::vector<int64_t> shuffled(int64_t count, uint64_t seed, uint64_t number) {
  std::mt19937_64 chance(mixed(seed ^ mixed(number)));
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  // std::shuffle is another one in every library.
  for (size_t n = order.size(); n > 1; --n) std::swap(order[n - 1], order[chance() % n]);
  return order;
}

}  // namespace wfc::learn
