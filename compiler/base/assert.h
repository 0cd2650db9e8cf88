// What happens when we are wrong: an assertion that is always on, and a trail of what was being
// done.
//
// A failed assertion is a bug of ours, not a diagnostic: it prints the place, the message and the
// trail, asks for a report, and ends the process with exit status 70.
#pragma once

#include <string_view>

namespace wfc::base {

/// Says for the life of this object what is being done ("checking", "aurora.wf"); the trail of one
/// thread is printed when an assertion fails. The text must outlive the object.
class Doing {
 public:
  explicit Doing(std::string_view what, std::string_view with = {});
  ~Doing();
  Doing(const Doing&) = delete;
  Doing& operator=(const Doing&) = delete;

 private:
  friend void printTrail();
  std::string_view what_;
  std::string_view with_;
  const Doing* outer_;
};

/// Prints the bug report and leaves with status 70. Use WFC_ASSERT or WFC_UNREACHABLE.
[[noreturn]] void failAssertion(const char* file, int line, std::string_view message);

}  // namespace wfc::base

#define WFC_ASSERT(condition, message) \
  ((condition) ? void(0) : ::wfc::base::failAssertion(__FILE__, __LINE__, message))
#define WFC_UNREACHABLE(message) ::wfc::base::failAssertion(__FILE__, __LINE__, message)
