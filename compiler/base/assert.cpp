// The report of a failed assertion. It writes to standard error directly and allocates nothing,
// since what failed may be anything.
#include "compiler/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace wfc::base {

namespace {
// The one piece of mutable state with thread life: a trail cannot be handed through every function.
thread_local const Doing* innermost = nullptr;
}  // namespace

Doing::Doing(std::string_view what, std::string_view with)
    : what_(what), with_(with), outer_(innermost) {
  innermost = this;
}

Doing::~Doing() { innermost = outer_; }

void printTrail() {
  for (const Doing* doing = innermost; doing != nullptr; doing = doing->outer_) {
    std::fprintf(stderr, "  while %.*s %.*s\n", int(doing->what_.size()), doing->what_.data(),
                 int(doing->with_.size()), doing->with_.data());
  }
}

void failAssertion(const char* file, int line, std::string_view message) {
  std::fflush(stdout);
  std::fprintf(stderr, "bug in wfc: %.*s (%s:%d)\n", int(message.size()), message.data(), file,
               line);
  printTrail();
  std::fputs("Please report this, with the input that led to it.\n", stderr);
  std::_Exit(70);
}

}  // namespace wfc::base
