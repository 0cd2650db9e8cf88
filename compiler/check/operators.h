// Operators: which types they take and give. Private to check/.
#pragma once

#include "compiler/check/session.h"

namespace wfc::check {

Operand checkBinary(Session& s, const syntax::Expr& expr, Place& place);
Operand checkNegate(Session& s, const syntax::Expr& expr, Place& place);
Operand checkIf(Session& s, const syntax::Expr& expr, Place& place, ir::TypeId expected);
Operand checkIsIn(Session& s, const syntax::Expr& expr, Place& place);
Operand checkIsEnd(Session& s, const syntax::Expr& expr, Place& place);
/// A type to which both convert, or an invalid id.
ir::TypeId common(Session& s, ir::TypeId a, ir::TypeId b);

}  // namespace wfc::check
