// What a name can stand for in an expression, shared by names and fields. Private to check/.
#pragma once

#include <optional>

#include "compiler/check/session.h"

namespace wfc::check {

/// The enumerator of this name, when an enum is expected here.
std::optional<Operand> enumerator(Session& s, const syntax::Expr& expr, ir::TypeId expected);
/// A top-level constant, evaluated on first use; one that needs itself is reported.
Operand constantDecl(Session& s, const syntax::Decl& decl, Unit& unit, Range at);
/// `a.b`, whatever `a` is.
Operand checkField(Session& s, const syntax::Expr& expr, Place& place);

}  // namespace wfc::check
