// `wfc graph FILE`: placeholder until the drawing is in graph_svg.cpp.
#include "compiler/driver/recipe.h"

namespace wfc::driver {

int runGraph(Session& session) { return session.finish(); }

}  // namespace wfc::driver
