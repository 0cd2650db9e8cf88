// The parser of the text form, in four files: parse.cpp (names, header, types), parse_expr.cpp,
// parse_task.cpp, parse_flow.cpp.
//
// First all lines at the left margin are looked at for the names they declare, then each is read,
// table by table; so the order of lines does not matter, and ids follow it within a table.
#pragma once

#include <llvm/ADT/StringMap.h>

#include "compiler/ir/eval.h"
#include "compiler/ir/scanner.h"
#include "compiler/ir/text.h"

namespace wfc::ir {

/// Parses one module; `parse` is its only user.
class Parser {
 public:
  explicit Parser(llvm::StringRef text) : text_(text), s_(text) {}
  ParseResult run();

 private:
  /// What a line at the left margin declares.
  enum class Entry : uint8_t { Header, Kind, Nominal, Task, Space, Loop, Ref, Family, Limit, Tail };
  struct Line {
    Entry entry;
    size_t at;
    /// Where the next one begins.
    size_t end;
    uint32_t index;
  };
  using Table = llvm::StringMap<uint32_t>;

  // parse.cpp
  void declare();
  void declareLine(llvm::StringRef keyword, Line& line);
  uint32_t declareName(Table& table, const Scanner::Name& name, size_t next);
  void read(const Line& line);
  void firstLine();
  void headerLine();
  void kindLine(uint32_t n);
  void nominalLine(uint32_t n);
  std::vector<Field> enumerators();
  void declareKind(const Scanner::Name& name, Line& line);
  void declareBasics();
  void inferTypes();
  std::map<std::string, std::string> textMap();
  Loc loc();
  /// The optional place of a line, given also to its expressions.
  Loc takeLoc();
  /// Ends a line: its optional place, which its expressions get too.
  Loc endLine();
  void openBlock();
  /// True while the block goes on; takes the closing brace.
  bool inBlock();
  int64_t duration();
  Outcome outcome();
  std::vector<Outcome> outcomes();

  // parse_expr.cpp
  ExprId expr();
  ExprId primary();
  ExprId postfix(ExprId base);
  ExprId parenthesised();
  ExprId listExpr();
  ExprId mapExpr();
  ExprId wordExpr();
  ExprId member(llvm::StringRef of);
  ExprId operation(Op op);
  ExprId call(std::string name);
  ExprId variable();
  ExprId atName();
  ExprId constant(Value value);
  ExprId add(Expr expr);
  void args(std::vector<ExprId>& args, llvm::StringRef close);
  Value value();
  Value literal();
  Value spanValue();
  Value fileValue();
  Value enumOrRecord();
  Value enumerator(TypeId type);
  void values(std::vector<Value>& values, llvm::StringRef close);
  TypeId type();
  TypeId typeAtom();
  TypeId namedType(const Scanner::Name& name);
  std::vector<Field> fieldList(llvm::StringRef close);

  // parse_task.cpp
  void taskLine(uint32_t n);
  void taskEntry(Task& task);
  void inputEntry(Task& task);
  void outputEntry(Task& task);
  void needEntry(Task& task);
  void retryEntry(Task& task);
  void resumeEntry(Task& task);
  void checkEntry(Task& task);
  void environmentEntry(Task& task);
  void piece(Body& body);
  Hole hole();
  Body body(Body::Language language);
  std::optional<Body::Language> language();

  // parse_flow.cpp
  void spaceLine(uint32_t n);
  void spaceKind(Space& space);
  void cycle(Space& space);
  void bounds(Space& space);
  void derivedSpace(Space& space, Space::Kind kind);
  void loopLine(uint32_t n);
  void refLine(uint32_t n);
  IndexPattern pattern();
  int64_t offset();
  void familyLine(uint32_t n);
  void familyHead(Family& family);
  void familyEntry(Family& family);
  Family::Awaited awaited();
  void waitEntry(Family& family);
  void argEntry(Family& family);
  void limitLine();
  void tailLine();
  void publishLine();
  void placed(Placement& placement);
  void placeLine();
  void poolLine();
  std::vector<FamilyId> familyList();
  std::vector<LoopId> loopList();
  uint32_t named(const Table& table, char sigil, bool path, llvm::StringRef what);
  TaskId taskName() { return TaskId(named(tasks_, '@', true, "task")); }
  FamilyId familyName() { return FamilyId(named(families_, '@', true, "family")); }
  SpaceId spaceName() { return SpaceId(named(spaces_, '%', false, "space")); }
  LoopId loopName() { return LoopId(named(loops_, '%', false, "loop")); }
  RefId refName() { return RefId(named(refs_, '%', false, "reference")); }

  llvm::StringRef text_;
  Scanner s_;
  Module m_;
  std::vector<Line> lines_;
  /// Types by name; kinds as their artifact.
  llvm::StringMap<TypeId> types_;
  llvm::StringMap<KindId> kinds_;
  Table tasks_, spaces_, loops_, refs_, families_;
  /// The task that is being read.
  std::optional<uint32_t> task_;
  /// For each expression the task that it stands in, for inference.
  std::vector<std::optional<uint32_t>> taskOf_;
  /// The first expression of the line at hand, and the place of the block around it.
  size_t firstExpr_ = 0;
  Loc blockLoc_;
  unsigned depth_ = 0;
};

}  // namespace wfc::ir
