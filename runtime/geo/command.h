// The verbs of `wfr-geo`.
#pragma once

#include "runtime/beside/command.h"

namespace wfc::geo {

using namespace beside;

llvm::ArrayRef<Command> commands();

Summary agreementVerb(const base::Given& given);
Summary mosaicVerb(const base::Given& given);
Summary footprintVerb(const base::Given& given);
Summary tileVerb(const base::Given& given);
Summary rasterizeVerb(const base::Given& given);
Summary coarsenVerb(const base::Given& given);
Summary renderVerb(const base::Given& given);

}  // namespace wfc::geo
