// What a person asks of a run that others work on: records left in its inbox. A living controller
// takes them in within a moment; where none lives, whoever asks takes the lease and does it.
#pragma once

#include <string>
#include <vector>

#include "runtime/backend.h"
#include "runtime/ledger/record.h"

namespace wfc::run {

/// Leaves them as one file, each with a name of its own, so that one that is read twice counts
/// once. False: the disk refuses.
bool leaveWishes(const std::string& run, std::vector<Record> wishes);

/// What became of a wish.
struct Delivery {
  enum Kind {
    Done,   ///< it is carried out
    Taken,  ///< a controller that lives takes it in
    Later,  ///< the next start does it: attempts that must end first are out of reach
  } kind = Done;
  std::string by;     ///< Taken: who
  std::string error;  ///< it is in the inbox, and could not be carried out now
  int exit = 0;
};
Delivery deliver(const std::string& run, const Backend& backend);

}  // namespace wfc::run
