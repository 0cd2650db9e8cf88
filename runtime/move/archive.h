// What every archive shares, wherever it goes to: the source leaves its name, is compared, and is
// removed.
#pragma once

#include "runtime/move/report.h"
#include "runtime/move/tree.h"

namespace wfc::move {

/// Where an archive goes to.
class Shelf {
 public:
  virtual ~Shelf() = default;
  virtual std::string path() const = 0;
  virtual bool exists() const = 0;
  /// Copies, verifies, and publishes.
  virtual bool copy(const Tree& tree) = 0;
  /// Whether all of a tree lies there, with the same content; what does not is a problem.
  virtual bool holds(const Tree& tree) = 0;
};

/// Archives what lies at `source`. `isAgain`: an earlier attempt may have ended well.
bool archiveTo(Work& work, Summary& summary, const std::string& source, Shelf& shelf, bool isAgain);

}  // namespace wfc::move
