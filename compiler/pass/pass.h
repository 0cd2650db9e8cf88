// A pass: a function from Module to Module with a name, the stage it needs and the stage it leaves,
// and nothing else.
#pragma once

#include "llvm/ADT/StringRef.h"

#include "compiler/diag/emitter.h"
#include "compiler/ir/module.h"
#include "compiler/site/site.h"
#include "compiler/source/sources.h"
#include "compiler/target/target.h"

namespace wfc::pass {

/// What passes may ask. A pass that needs a site or a target that is not there does nothing.
struct Context {
  const source::Sources& sources;
  const site::Site* site = nullptr;
  const target::Target* target = nullptr;
  diag::Emitter& emitter;
};

struct Pass {
  llvm::StringRef name;  ///< as in `wfc opt --pass=bind-site`
  llvm::StringRef summary;
  ir::Stage needs, leaves;
  ir::Module (*run)(ir::Module module, const Context& context);
};

/// checked: families of a branch that was not chosen are taken out where the other one bears their
/// name.
ir::Module prune(ir::Module module, const Context& context);
/// checked -> planned: partitions chosen, every need checked at its ceiling, the site's facts
/// frozen.
ir::Module bindSite(ir::Module module, const Context& context);
/// planned -> legal: what the target refuses is reported at the line that asks.
ir::Module legalize(ir::Module module, const Context& context);

}  // namespace wfc::pass
