// The printer of the text form, in three files: print.cpp (header, types, flow graph),
// print_task.cpp, print_expr.cpp.
#pragma once

#include <string>

#include <fmt/format.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/text_names.h"

namespace wfc::ir {

/// A name as the text form writes it: quoted where it does not read as one word.
inline std::string word(llvm::StringRef name) {
  return isPlainWord(name) ? name.str() : quoted(name);
}

/// ` name "text"`, or nothing where there is no text.
inline std::string textAttr(llvm::StringRef name, llvm::StringRef text) {
  return text.empty() ? "" : fmt::format(" {} {}", name.str(), quoted(text));
}

/// Prints one module; `print` is its only user.
class Printer {
 public:
  explicit Printer(const Module& module) : m_(module), types_(module.types), names_(module) {}
  std::string run();

 private:
  // print_expr.cpp
  std::string expr(ExprId id);
  std::string plainExpr(const Expr& expr);
  std::string variable(const Expr& expr);
  std::string postfix(const Expr& expr);
  std::string args(const Expr& expr);
  std::string map(const Expr& expr);
  std::string call(const Expr& expr);
  std::string value(const Value& value);
  std::string values(const Value& value);
  std::string enumerator(const Value& value);
  std::string file(const Value& value);
  std::string type(TypeId id);
  std::string fieldList(const std::vector<Field>& fields);

  // print_task.cpp
  void task(uint32_t n);
  void inputs(const Task& task);
  void outputs(const Task& task);
  void environment(const Task& task);
  void policies(const Task& task);
  void retry(const Retry& retry);
  void body(const Body& body, llvm::StringRef indent);
  std::string hole(const Hole& hole);

  // print.cpp
  void header();
  void kind(uint32_t n);
  void nominal(uint32_t n);
  void space(uint32_t n);
  std::string spaceKind(const Space& space);
  void loop(uint32_t n);
  void ref(uint32_t n);
  std::string pattern(const IndexPattern& pattern);
  void family(uint32_t n);
  std::string familyHead(const Family& family, const std::string& name);
  std::string awaited(const Family::Awaited& awaited);
  void familyBody(const Family& family);
  void limits();
  void tail();

  template <class... A>
  void line(fmt::format_string<A...> format, A&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<A>(args)...);
    out_ += '\n';
  }
  /// The name of a row, or `!` where the id is none.
  template <class Id>
  static std::string name(const std::vector<std::string>& names, Id id) {
    return id.index() < names.size() ? names[id.index()] : "!";
  }
  template <class Id>
  static std::string nameList(const std::vector<std::string>& names, const std::vector<Id>& ids) {
    std::string text;
    for (Id id : ids) text += (text.empty() ? "" : ", ") + name(names, id);
    return text;
  }
  static std::string duration(int64_t ms);

  const Module& m_;
  /// A copy, since inference interns the types that it asks for.
  Types types_;
  Names names_;
  const Task* task_ = nullptr;
  std::string out_;
};

}  // namespace wfc::ir
