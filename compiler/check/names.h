// What a name can stand for, where that is declared, and what it may have been meant as. Private to
// check/.
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

/// For a name that is none of those known at its place: the nearest of them, put in its place.
std::optional<diag::Fix> nearest(Session& s, const syntax::Name& name,
                                 const std::vector<std::string>& known);
/// Where none is near: which there are, if that is soon said.
std::string allOf(const std::vector<std::string>& known);
/// There is no such member of `owner`; `known` are those that it has.
void reportMember(Session& s, const syntax::Name& name, const std::string& owner,
                  const std::vector<std::string>& known);
/// Where a field of a record, an enumerator or a key of a kind is declared; nowhere if unknown.
Range fieldDeclaredAt(const Session& s, ir::TypeId type, StringRef name);
/// Where an output of a task is declared, which may be a flag of its program.
Range outputDeclaredAt(const Session& s, const ir::Output& output);

}  // namespace wfc::check
