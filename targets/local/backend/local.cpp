// `wfr start` of local: the runtime's loop over attendants on this machine.
#include "targets/local/backend/local.h"

#include "runtime/control/hold.h"
#include "runtime/control/loop.h"
#include "targets/local/backend/hands.h"

namespace wfc::local {

namespace {

int start(const run::StartOptions& options) {
  run::Holding holding;
  holding.isBehind = !options.wait && options.stopAfter == 0;
  holding.work = [&](run::Controller& controller) {
    LocalHands hands(controller, options.jobs);
    return run::runLoop(controller, options, hands);
  };
  return run::hold(options, holding);
}

int stop(const std::string&) { return run::abi::Good; }

}  // namespace

const run::Backend& backend() {
  static const run::Backend local = {"local", start, nullptr, stop, run::askClaims, nullptr};
  return local;
}

}  // namespace wfc::local
