// Which instances are told one by one where not all can be: what went wrong and what is at work
// comes first.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/engine/engine.h"

namespace wfc::run {

class Told {
 public:
  /// At most so many.
  Told(const Engine& engine, size_t most);
  int64_t leftOut() const;
  /// In order of text and key; hooks last.
  void forEach(const std::function<void(InstanceId)>& visit) const;

 private:
  bool isNews(InstanceId id) const;
  const Engine& engine_;
  size_t total_ = 0, news_ = 0, most_;
};

}  // namespace wfc::run
