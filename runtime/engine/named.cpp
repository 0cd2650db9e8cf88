// Whom an instance waits for, by name: what a scheduler that carries dependencies itself must be
// told.
#include "runtime/engine/impl.h"

namespace wfc::run {

std::vector<InstanceId> Engine::namedBy(InstanceId instance, const Wait& wait) const {
  std::vector<InstanceId> named;
  for (const Term& term : impl_->termsOfWait(wait, impl_->whereOf(instance)).list)
    impl_->leavesOf(term, named);
  return named;
}

}  // namespace wfc::run
