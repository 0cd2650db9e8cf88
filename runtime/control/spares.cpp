// See spares.h. A folder leaves its place by one rename, so nobody ever sees a claim that does not
// hold any more.
#include "runtime/control/spares.h"

#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/abi/abi.h"
#include "runtime/attempt/outputs.h"
#include "runtime/attempt/run.h"
#include "runtime/ledger/folder.h"

namespace wfc::run {

Spares::Spares(std::string run) : folder_(fmt::format("{}/{}/.spare", run, abi::kWorkDir)) {}

Spares::~Spares() {
  if (most_ > 0) removeAll(folder_);
}

void Spares::keep(size_t most) {
  removeAll(folder_);
  // Attendants of that one may still name its folders.
  own_ = fmt::format("{}/{}.", folder_, nowMs());
  most_ = makeFolders(folder_) ? most : 0;
}

void Spares::put(const std::string& work) {
  std::string spare;
  {
    std::lock_guard lock(mutex_);
    if (folders_.size() < most_) spare = fmt::format("{}{}", own_, count_++);
  }
  if (spare.empty() || ::rename(work.c_str(), spare.c_str()) != 0) {
    removeAll(work);
    return;
  }
  if (!hasOnlyClaim(spare)) {
    removeAll(spare);
    return;
  }
  std::lock_guard lock(mutex_);
  folders_.push_back(std::move(spare));
}

std::string Spares::take() {
  std::lock_guard lock(mutex_);
  if (folders_.empty()) return {};
  std::string last = std::move(folders_.back());
  folders_.pop_back();
  return last;
}

}  // namespace wfc::run
