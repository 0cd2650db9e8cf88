// Names in the text form. A name comes from the source; the second thing of one name gets `.2`, in
// order of creation, so that unrelated edits leave the others alone.
#include "compiler/ir/text_names.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringMap.h>

namespace wfc::ir {

bool isPlainWord(llvm::StringRef text) {
  if (text.empty() || llvm::isDigit(text.front())) return false;
  return llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

// Plain words joined by `.` or `/`: the path of a family in called flows.
static bool isPlainPath(llvm::StringRef text) {
  while (true) {
    size_t end = text.find_first_of("./");
    if (!isPlainWord(text.take_front(end))) return false;
    if (end == llvm::StringRef::npos) return true;
    text = text.drop_front(end + 1);
  }
}

std::string quoted(llvm::StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      case '\r':
        result += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
          result += c;
    }
  }
  return result + '"';
}

std::string locText(const Loc& loc) {
  if (loc.file == 0) return "";
  return fmt::format(" loc({}:{}:{})", loc.file, loc.line, loc.column);
}

static constexpr std::pair<Op, llvm::StringLiteral> kWords[] = {
    {Op::Add, "add"},        {Op::Sub, "sub"},
    {Op::Mul, "mul"},        {Op::Div, "div"},
    {Op::Mod, "mod"},        {Op::Neg, "neg"},
    {Op::Eq, "eq"},          {Op::Ne, "ne"},
    {Op::Lt, "lt"},          {Op::Le, "le"},
    {Op::Gt, "gt"},          {Op::Ge, "ge"},
    {Op::And, "and"},        {Op::Or, "or"},
    {Op::Not, "not"},        {Op::If, "if"},
    {Op::In, "in"},          {Op::IsFirst, "is_first"},
    {Op::IsLast, "is_last"}, {Op::ToFloat, "to_float"},
    {Op::Format, "format"},  {Op::Concat, "concat"},
    {Op::Record, "record"},
};

static constexpr llvm::StringLiteral kBasicTypes[] = {
    "None", "Bool",     "Int",   "Float",  "String", "Path", "Date",
    "Time", "Duration", "Bytes", "Length", "Secret", "Span", "TimeSpan"};

llvm::ArrayRef<llvm::StringLiteral> basicTypeNames() { return kBasicTypes; }

llvm::StringRef wordOf(Op op) {
  for (const auto& [known, word] : kWords)
    if (known == op) return word;
  return "";
}

std::optional<Op> opNamed(llvm::StringRef name) {
  for (const auto& [op, word] : kWords)
    if (word == name) return op;
  return std::nullopt;
}

namespace {

/// Names of one sigil: gives each its number.
class Namespace {
 public:
  explicit Namespace(char sigil) : sigil_(sigil) {}
  std::string add(llvm::StringRef name, bool path = false) {
    bool plain = path ? isPlainPath(name) : isPlainWord(name);
    unsigned count = ++counts_[name];
    return fmt::format("{}{}{}", sigil_, plain ? name.str() : quoted(name),
                       count > 1 ? fmt::format(".{}", count) : "");
  }

 private:
  char sigil_;
  llvm::StringMap<unsigned> counts_;
};

}  // namespace

static std::string refName(const Module& module, const Ref& ref) {
  bool known = !ref.families.empty() && ref.families[0].index() < module.families.size();
  std::string name = known ? module[ref.families[0]].name : "ref";
  if (!known && ref.loop.valid() && ref.loop.index() < module.loops.size())
    name = module[ref.loop].variable + "_members";
  std::replace(name.begin(), name.end(), '.', '_');
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

Names::Names(const Module& module) {
  Namespace typeNames('@'), taskNames('@'), familyNames('@'), spaceNames('%'), values('%');
  for (llvm::StringRef basic : kBasicTypes) typeNames.add(basic);
  for (const Kind& kind : module.kinds) kinds.push_back(typeNames.add(kind.name));
  types.resize(module.types.size());
  for (uint32_t n = 0; n < module.types.size(); ++n) {
    const Type& type = module.types[TypeId(n)];
    if (type.kind == Type::Enum || type.kind == Type::Record) types[n] = typeNames.add(type.name);
  }
  for (const Task& task : module.tasks) tasks.push_back(taskNames.add(task.name, true));
  for (const Space& space : module.spaces) spaces.push_back(spaceNames.add(space.name));
  for (const Loop& loop : module.loops) loops.push_back(values.add(loop.variable));
  for (const Ref& ref : module.refs) refs.push_back(values.add(refName(module, ref)));
  for (const Family& family : module.families)
    families.push_back(familyNames.add(family.name, true));
}

}  // namespace wfc::ir
