// See told.h. Counted first and told in a second pass, so that nothing is kept of them.
#include "runtime/report/told.h"

#include <algorithm>

#include "runtime/engine/selector.h"

namespace wfc::run {

Told::Told(const Engine& engine, size_t most) : engine_(engine), most_(most) {
  engine.forEach([&](InstanceId id) {
    ++total_;
    news_ += isNews(id);
  });
}

bool Told::isNews(InstanceId id) const {
  llvm::StringRef state = stateName(engine_.state().at(id));
  return state == "failed" || state == "running" || state == "queued";
}

int64_t Told::leftOut() const { return static_cast<int64_t>(total_ - std::min(total_, most_)); }

void Told::forEach(const std::function<void(InstanceId)>& visit) const {
  size_t news = std::min(news_, most_), others = most_ - news;
  engine_.forEach([&](InstanceId id) {
    size_t& left = isNews(id) ? news : others;
    if (left == 0) return;
    --left;
    visit(id);
  });
}

}  // namespace wfc::run
