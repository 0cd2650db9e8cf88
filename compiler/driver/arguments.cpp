// Command lines and help, both from the table.
#include "compiler/driver/arguments.h"

#include "fmt/format.h"

#include "compiler/base/suggest.h"
#include "compiler/base/writer.h"
#include "compiler/diag/catalog/driver.h"

namespace wfc::driver {

namespace {

const Flag* findFlag(const Command& command, llvm::StringRef name, char letter) {
  for (llvm::ArrayRef<Flag> flags : {command.flags, commonFlags()})
    for (const Flag& flag : flags)
      if ((!name.empty() && flag.name == name) || (letter && flag.letter == letter)) return &flag;
  return nullptr;
}

class Reader {
 public:
  Reader(const Command& command, llvm::ArrayRef<std::string> words, diag::Emitter& emitter)
      : command_(command), words_(words), emitter_(emitter) {}

  std::optional<Arguments> read() {
    bool onlyPositional = false;
    for (; at_ < words_.size(); ++at_) {
      llvm::StringRef word = words_[at_];
      if (onlyPositional || word == "-" || !word.starts_with("-"))
        arguments_.positional.push_back(word.str());
      else if (word == "--")
        onlyPositional = true;
      else if (word.starts_with("--"))
        readLong(word.drop_front(2));
      else
        readShort(word);
    }
    if (!arguments_.has("help")) checkCount();
    if (emitter_.hasErrors()) return std::nullopt;
    return std::move(arguments_);
  }

 private:
  void readLong(llvm::StringRef word) {
    auto [name, value] = word.split('=');
    bool hasValue = word.contains('=');
    const Flag* flag = findFlag(command_, name, 0);
    if (!flag) return unknown("--" + name.str());
    if (flag->value.empty() && hasValue)
      return rejectValue(emitter_, "--" + name.str(), value.str(), {}, "no value");
    take(*flag, hasValue ? std::optional(value.str()) : std::nullopt);
  }

  void readShort(llvm::StringRef word) {
    const Flag* flag = findFlag(command_, "", word[1]);
    if (!flag) return unknown(word.str());
    take(*flag, word.size() > 2 ? std::optional(word.drop_front(2).str()) : std::nullopt);
  }

  void take(const Flag& flag, std::optional<std::string> value) {
    if (!value && !flag.value.empty() && !flag.isOptionalValue) {
      if (at_ + 1 >= words_.size())
        return missing("--" + flag.name.str(), "a value: " + flag.value.str());
      value = words_[++at_];
    }
    arguments_.flags[flag.name.str()].push_back(value.value_or(""));
  }

  void checkCount() {
    size_t count = arguments_.positional.size();
    std::string name = "wfc " + command_.name.str();
    if (count < command_.least) missing(name, command_.arguments.str());
    if (count > command_.most)
      emitter_.report({}, diag::ExtraArgument{.command = name,
                                              .argument = arguments_.positional[command_.most]});
  }

  void unknown(const std::string& word) {
    std::vector<std::string> known;
    for (llvm::ArrayRef<Flag> flags : {command_.flags, commonFlags()})
      for (const Flag& flag : flags) known.push_back("--" + flag.name.str());
    auto near = base::suggest(word, known);
    std::string hint = near ? fmt::format("did you mean `{}`?", *near) : "";
    if (!near && findFlag(command_, "param", 0) != nullptr && word.starts_with("--"))
      hint = fmt::format("a parameter of the flow is given as `--param {}=…`", word.substr(2));
    emitter_.report({}, diag::UnknownFlag{.command = fmt::format("wfc {}", command_.name.str()),
                                          .flag = word,
                                          .nearest = std::move(hint)});
  }

  void missing(std::string of, std::string argument) {
    emitter_.report(
        {}, diag::MissingArgument{.command = std::move(of), .argument = std::move(argument)});
  }

  const Command& command_;
  llvm::ArrayRef<std::string> words_;
  diag::Emitter& emitter_;
  Arguments arguments_;
  size_t at_ = 0;
};

void writeFlags(base::Writer& out, llvm::ArrayRef<Flag> flags) {
  for (const Flag& flag : flags) {
    std::string left = flag.letter ? fmt::format("-{}, --{}", flag.letter, flag.name.str())
                                   : fmt::format("    --{}", flag.name.str());
    if (!flag.value.empty())
      left += flag.isOptionalValue ? "[=" + flag.value.str() + "]" : " " + flag.value.str();
    out.line("  {:<34} {}", left, flag.doc.str());
  }
}

}  // namespace

std::optional<Arguments> readArguments(const Command& command, llvm::ArrayRef<std::string> words,
                                       diag::Emitter& emitter) {
  return Reader(command, words, emitter).read();
}

void rejectValue(diag::Emitter& emitter, const std::string& flag, const std::string& value,
                 const std::vector<std::string_view>& known, std::string expected) {
  if (expected.empty()) {
    for (size_t i = 0; i < known.size(); ++i)
      expected += fmt::format("{}{}",
                              i == 0                  ? ""
                              : i + 1 == known.size() ? " or "
                                                      : ", ",
                              known[i]);
  }
  auto near = base::suggest(value, known);
  emitter.report(
      {}, diag::WrongFlagValue{.flag = flag,
                               .expected = std::move(expected),
                               .value = value,
                               .nearest = near ? fmt::format("did you mean `{}`?", *near) : ""});
}

std::string overviewText() {
  base::Writer out;
  out.raw("usage: wfc COMMAND [ARGUMENT…]");
  out.line();
  for (const Command& command : commands())
    if (!command.isHidden)
      out.line("  {:<12} {:<14} {}", command.name.str(), command.arguments.str(),
               command.summary.str());
  out.line();
  out.raw("`wfc COMMAND --help` lists the flags of a command; `wfc --version` names this version.");
  out.line("Exit status: {}", kExits);
  return out.take();
}

std::string helpText(const Command& command) {
  base::Writer out;
  out.line("usage: wfc {} {}", command.name.str(), command.arguments.str());
  out.line();
  out.line("{}", command.summary.str());
  out.line();
  writeFlags(out, command.flags);
  writeFlags(out, commonFlags());
  return out.take();
}

}  // namespace wfc::driver
