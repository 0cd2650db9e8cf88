// What a target makes: an ordered list of texts with relative paths. Never a stream and never a
// path on disk; the driver writes them, if nothing was wrong.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wfc::target {

struct Artifact {
  std::string path;  ///< relative to the output folder
  std::string text;
  bool isExecutable = false;
};

using Artifacts = std::vector<Artifact>;

}  // namespace wfc::target
