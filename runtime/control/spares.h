// Work folders of attempts that are over, kept for attempts to come. A short attempt would else
// cost the making and the removal of a folder and of the claim in it, and there are file systems on
// which what was removed a moment ago makes each new file dear.
#pragma once

#include <mutex>
#include <string>
#include <vector>

namespace wfc::run {

class Spares {
 public:
  explicit Spares(std::string run);
  ~Spares();
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;

  /// Keeps up to so many from now on; what a controller left that was killed goes.
  void keep(size_t most);
  /// Takes the work folder of an attempt whose end is durable, or removes it. Any thread may ask.
  void put(const std::string& work);
  /// For Job::spare; empty: there is none.
  std::string take();

 private:
  std::string folder_, own_;
  std::mutex mutex_;
  std::vector<std::string> folders_;
  size_t most_ = 0, count_ = 0;
};

}  // namespace wfc::run
