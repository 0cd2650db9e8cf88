// See script.h. The quoting state of a shell text is followed over its pieces, so that a hole
// inside double quotes, inside single quotes or outside both is one word with exactly the value in
// it.
#include "runtime/attempt/script.h"

#include <cmath>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/ConvertUTF.h>
#include <llvm/Support/JSON.h>

#include "compiler/ir/eval.h"

#include "runtime/abi/abi.h"

namespace wfc::run {

namespace {

enum class Quote { None, Double, Single };

/// The quoting state after `text`.
Quote follow(Quote quote, llvm::StringRef text) {
  bool isComment = false;
  char before = '\n';
  for (size_t n = 0; n < text.size(); ++n) {
    char c = text[n];
    if (isComment) {
      isComment = c != '\n';
    } else if (quote == Quote::Single) {
      if (c == '\'') quote = Quote::None;
    } else if (c == '\\') {
      ++n;
    } else if (c == '"') {
      quote = quote == Quote::Double ? Quote::None : Quote::Double;
    } else if (c == '\'' && quote == Quote::None) {
      quote = Quote::Single;
    } else if (c == '#' && quote == Quote::None && llvm::isSpace(before)) {
      isComment = true;
    }
    before = c;
  }
  return quote;
}

/// How a hole is written at a place: one word there, or one a list's element, or nothing if the
/// value is none.
std::string reference(const ir::Hole& hole, const Variable& variable, Quote quote) {
  std::string whole =
      fmt::format("${{{}{}}}", variable.name,
                  variable.isList ? (quote == Quote::None && !hole.raw ? "[@]" : "[*]") : "");
  if (quote == Quote::Single) return "'\"" + whole + "\"'";
  if (quote == Quote::Double || hole.raw) return whole;
  if (hole.isSwitch) return fmt::format("${{{}+{}}}", variable.name, hole.flag);
  if (hole.optional && !variable.isList)
    return fmt::format("${{{}+{}{}\"{}\"}}", variable.name, hole.flag, hole.flag.empty() ? "" : " ",
                       whole);
  return "\"" + whole + "\"";
}

/// True if sh and bash surely mean the same by a body, so that the cheaper one may run it.
bool isPlain(llvm::StringRef text) {
  for (llvm::StringRef word : {"echo", "source", "local", "declare", "function", "read",
                               "printf %q", "[[", "$'", "$(", "<<<", "test "}) {
    if (text.contains(word)) return false;
  }
  for (size_t n = 0; n < text.size(); ++n) {
    char c = text[n];
    if (llvm::StringRef("|([`!~*?&").contains(c)) return false;
    if (c == '{' && (n == 0 || text[n - 1] != '$')) return false;
  }
  return true;
}

std::string assignment(const Variable& variable) {
  if (!variable.isList) return fmt::format("{}={}\n", variable.name, shellQuoted(variable.text));
  std::string line = variable.name + "=(";
  for (const std::string& word : variable.words)
    line += (line.back() == '(' ? "" : " ") + shellQuoted(word);
  return line + ")\n";
}

/// Longest text that is passed as an argument; the system allows 128 KiB.
constexpr size_t kLongestArgument = 100 * 1024;

/// Adds the script to argv: as text, or as a file when it is too long.
void addText(Command& command, std::string text, const std::string& varsFile) {
  if (text.size() <= kLongestArgument) {
    command.argv.insert(command.argv.end(), {"-c", std::move(text)});
    return;
  }
  command.file = std::move(text);
  command.path = varsFile + ".script";
  command.argv.push_back(command.path);
}

Command pythonCommand(const Script& script, const std::string& prologue,
                      const std::string& varsFile) {
  Command command;
  // On one line, so that line numbers of the body are off by one at most.
  std::string text;
  for (const Variable& variable : script.variables)
    text += fmt::format("{} = {}; ", variable.name, variable.literal);
  if (!text.empty()) text += "\n";
  text += script.text;
  if (!prologue.empty()) command.argv = {"/bin/bash", "-c", prologue + "exec \"$@\"", "wfr"};
  command.argv.push_back("python3");
  addText(command, std::move(text), varsFile);
  return command;
}

}  // namespace

std::string shellQuoted(llvm::StringRef text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string pythonQuoted(llvm::StringRef text) {
  if (!llvm::json::isUTF8(text)) {
    std::string bytes;
    for (unsigned char c : text.bytes()) bytes += fmt::format("\\x{:02x}", c);
    return fmt::format("__import__(\"os\").fsdecode(b\"{}\")", bytes);
  }
  std::string quoted = "\"";
  for (unsigned char c : text.bytes()) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", c);
    else
      quoted += static_cast<char>(c);
  }
  return quoted + "\"";
}

std::string pythonLiteral(const ir::Module& module, const ir::Value& value) {
  auto join = [&](size_t step, llvm::StringRef open, llvm::StringRef close) {
    std::string text = open.str();
    for (size_t n = 0; n < value.size(); n += step) {
      if (n > 0) text += ", ";
      text += pythonLiteral(module, value.at(n));
      if (step == 2) text += ": " + pythonLiteral(module, value.at(n + 1));
    }
    return text + close.str();
  };
  switch (value.kind) {
    case ir::Value::None:
      return "None";
    case ir::Value::Bool:
      return value.truth() ? "True" : "False";
    case ir::Value::Int:
      return fmt::format("({})", value.i);
    case ir::Value::Float:
      if (std::isnan(value.f)) return "float(\"nan\")";
      if (std::isinf(value.f)) return value.f > 0 ? "float(\"inf\")" : "float(\"-inf\")";
      return fmt::format("({})", ir::toText(module, value));
    case ir::Value::List:
      return join(1, "[", "]");
    case ir::Value::Set:
      return join(1, "[", "]");
    case ir::Value::Map:
      return join(2, "{", "}");
    case ir::Value::Record: {
      std::string text = "{";
      const std::vector<ir::Field>& fields = module.types[value.type].fields;
      for (size_t n = 0; n < value.size() && n < fields.size(); ++n)
        text += fmt::format("{}{}: {}", n > 0 ? ", " : "", pythonQuoted(fields[n].name),
                            pythonLiteral(module, value.at(n)));
      return text + "}";
    }
    case ir::Value::Path:
    case ir::Value::File:
    case ir::Value::String:
      return pythonQuoted(value.s);
    default:
      return pythonQuoted(ir::toText(module, value));
  }
}

std::string renderBody(const ir::Body& body, const std::vector<Variable>& variables) {
  std::string text;
  Quote quote = Quote::None;
  for (const ir::Piece& piece : body.pieces) {
    if (piece.hole < 0) {
      text += piece.text;
      if (body.language != ir::Body::Python) quote = follow(quote, piece.text);
      continue;
    }
    const ir::Hole& hole = body.holes[static_cast<size_t>(piece.hole)];
    const Variable* variable = nullptr;
    for (const Variable& known : variables) {
      if (known.name == hole.variable) variable = &known;
    }
    if (variable == nullptr) continue;
    if (body.language == ir::Body::Python)
      text += variable->name;
    else
      text += reference(hole, *variable, quote);
  }
  return text;
}

Command commandOf(const Script& script, const std::string& prologue, const std::string& varsFile) {
  if (script.language == ir::Body::Python) return pythonCommand(script, prologue, varsFile);
  Command command;
  std::string text = prologue;
  for (const Variable& variable : script.variables) {
    bool isLong = variable.isList || variable.text.size() > abi::kLongestVariable;
    if (variable.isUnset)
      text += fmt::format("unset -v {}; ", variable.name);
    else if (isLong)
      command.vars += assignment(variable);
    else
      command.env.push_back({variable.name, variable.text});
  }
  if (!command.vars.empty()) {
    text += fmt::format(". \"${}\"; ", abi::kVars);
    command.env.push_back({std::string(abi::kVars), varsFile});
  }
  bool isSh = script.language == ir::Body::Sh && text.empty() && isPlain(script.text);
  command.argv.push_back(isSh ? "/bin/sh" : "/bin/bash");
  // Options are set after what is not ours has been sourced.
  if (!text.empty())
    text += "set -euo pipefail\n";
  else if (isSh)
    command.argv.push_back("-eu");
  else
    command.argv.insert(command.argv.end(), {"-euo", "pipefail"});
  addText(command, text + script.text, varsFile);
  if (command.file.empty()) command.argv.push_back("wfr");
  return command;
}

}  // namespace wfc::run
