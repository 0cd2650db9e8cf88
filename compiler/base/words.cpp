// See words.h.
#include "compiler/base/words.h"

#include <optional>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "compiler/base/suggest.h"

namespace wfc::base {

std::string Given::get(llvm::StringRef flag) const {
  auto found = flags.find(flag.str());
  return found == flags.end() ? "" : found->second;
}

std::vector<std::string> Given::listOf(llvm::StringRef flag) const {
  std::vector<std::string> words;
  llvm::SmallVector<llvm::StringRef> pieces;
  std::string text = get(flag);
  llvm::StringRef(text).split(pieces, ',', -1, false);
  for (llvm::StringRef piece : pieces) words.push_back(piece.trim().str());
  return words;
}

std::string nearestOf(llvm::StringRef word, const std::vector<std::string>& names) {
  std::optional<std::string_view> near = suggest(std::string_view(word.data(), word.size()), names);
  return near ? fmt::format("; did you mean `{}`?", *near) : "";
}

std::string helpOn(llvm::ArrayRef<Flag> flags) {
  std::string text;
  for (const Flag& flag : flags) {
    std::string left =
        fmt::format("{}{}{}{}", flag.name.str(), flag.value.empty() ? "" : " ", flag.value.str(),
                    flag.brief.empty() ? "" : ", " + flag.brief.str());
    text += fmt::format("  {:<22} {}\n", left, flag.help.str());
  }
  return text;
}

namespace {

const Flag* findFlag(llvm::ArrayRef<Flag> flags, llvm::StringRef name) {
  for (const Flag& flag : flags) {
    if (flag.name == name || (!flag.brief.empty() && flag.brief == name)) return &flag;
  }
  return nullptr;
}

/// Reads one flag at `n`; empty, or what is wrong.
std::string readFlag(llvm::StringRef command, llvm::ArrayRef<Flag> flags,
                     llvm::ArrayRef<std::string> args, size_t& n, Given& given) {
  auto [name, value] = llvm::StringRef(args[n]).split('=');
  bool hasValue = llvm::StringRef(args[n]).contains('=');
  const Flag* flag = findFlag(flags, name);
  if (flag == nullptr && name.size() > 2 && name[1] != '-') {
    // `-j4`
    flag = findFlag(flags, name.take_front(2));
    if (flag != nullptr && !flag->value.empty()) {
      given.flags[flag->name.str()] = name.drop_front(2).str();
      return {};
    }
    flag = nullptr;
  }
  if (flag == nullptr) {
    std::vector<std::string> names;
    for (const Flag& known : flags) names.push_back(known.name.str());
    return fmt::format("`{}` has no flag `{}`{}", command.str(), name.str(),
                       nearestOf(name, names));
  }
  if (flag->value.empty()) {
    if (hasValue) return fmt::format("`{}` takes no value", name.str());
    given.flags[flag->name.str()] = "";
    return {};
  }
  if (!hasValue && n + 1 == args.size())
    return fmt::format("`{}` needs a value: {} {}", name.str(), flag->name.str(),
                       flag->value.str());
  std::string text = hasValue ? value.str() : args[++n];
  auto [place, isNew] = given.flags.try_emplace(flag->name.str(), text);
  if (isNew) return {};
  // What may name several may be said several times; else the last would win without a word.
  bool isList = flag->value == "SELECTOR" || flag->value.contains("…");
  if (!isList) return fmt::format("`{}` is given twice", flag->name.str());
  place->second += "," + text;
  return {};
}

}  // namespace

std::string readWords(llvm::StringRef command, llvm::ArrayRef<Flag> flags,
                      llvm::ArrayRef<std::string> args, Given& given, bool hasFlags) {
  for (size_t n = 0; n < args.size(); ++n) {
    llvm::StringRef arg(args[n]);
    if (arg == "--help" || arg == "-h") {
      given.wantsHelp = true;
      return {};
    }
    if (arg == "--") {
      given.rest.assign(args.begin() + static_cast<ptrdiff_t>(n) + 1, args.end());
      break;
    }
    if (arg.size() > 1 && arg[0] == '-' && hasFlags) {
      std::string wrong = readFlag(command, flags, args, n, given);
      if (!wrong.empty()) return wrong;
      continue;
    }
    given.words.push_back(args[n]);
  }
  return {};
}

}  // namespace wfc::base
