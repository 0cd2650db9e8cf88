// See wish.h.
#include "runtime/control/wish.h"

#include <unistd.h>

#include <fmt/format.h>

#include "runtime/control/controller.h"

namespace wfc::run {

bool leaveWishes(const std::string& run, std::vector<Record> wishes) {
  std::string name = fmt::format("{}.{}", nowMs(), ::getpid());
  std::string lines;
  size_t n = 0;
  for (Record& wish : wishes) {
    std::string own = fmt::format("{}.{}", name, ++n);
    wish.time = nowMs();
    wish.job = own;
    encodeTo(lines, wish);
  }
  return leaveInInbox(run, "wish", 0, name, lines);
}

Delivery deliver(const std::string& run, const Backend& backend) {
  Delivery delivery;
  if (backend.wish != nullptr) {
    delivery.exit = backend.wish(run);
    if (delivery.exit != abi::Good) delivery.error = "the next step takes it in";
    return delivery;
  }
  ControlOptions options;
  options.isVisit = true;
  std::unique_ptr<Controller> controller =
      Controller::open(run, options, delivery.error, delivery.exit);
  if (!controller && delivery.exit == abi::Refused) {
    delivery.kind = Delivery::Taken;
    delivery.by = std::exchange(delivery.error, "");
    delivery.exit = abi::Good;
  }
  if (!controller) return delivery;
  Decisions decisions = controller->advance(nowMs());
  if (!decisions.ends.empty()) delivery.kind = Delivery::Later;
  if (controller->commit()) return delivery;
  delivery.exit = abi::LostControl;
  delivery.error = "the ledger cannot be written";
  return delivery;
}

}  // namespace wfc::run
