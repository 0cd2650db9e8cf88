// What the user sees while a run goes on: one calm block on a terminal, a plain line for each end
// that is news elsewhere.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "runtime/engine/engine.h"

namespace wfc::run {

class Progress {
 public:
  explicit Progress(const Engine& engine);
  /// An attempt began, or ended (with what follows: a retry, say, in `note`).
  void started(InstanceId instance, uint32_t attempt, int64_t now);
  void ended(InstanceId instance, const Record& record, int64_t now);
  /// Something to say that is neither; on a terminal it goes above the block.
  void say(const std::string& line);
  /// Draws the block anew if it is due.
  void tick(int64_t now);
  /// The last words.
  void finish(int64_t now);

 private:
  void clear();
  std::string summary() const;
  std::string remaining(int64_t now) const;
  std::string painted(const std::string& text, const char* code) const;

  const Engine& engine_;
  bool isTerminal_ = false, hasColor_ = false;
  int lines_ = 0;
  int64_t begun_ = 0, drawn_ = 0;
  uint64_t ends_ = 0;
  std::map<InstanceId, int64_t> running_;
};

}  // namespace wfc::run
