// Man pages, as text for man(7).
#include "compiler/base/manual.h"

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/ConvertUTF.h>

namespace wfc::base {

std::string_view version() { return WFC_VERSION; }

std::vector<ManualFlag> manualFlags(llvm::ArrayRef<Flag> flags) {
  std::vector<ManualFlag> result;
  for (const Flag& flag : flags)
    result.push_back({.name = flag.name.str(),
                      .brief = flag.brief.str(),
                      .value = flag.value.str(),
                      .help = flag.help.str()});
  return result;
}

namespace {

/// As roff: what it would read as a request or an escape is written out, and so is all that is not
/// ASCII.
std::string roff(llvm::StringRef text) {
  std::string result;
  if (text.starts_with(".") || text.starts_with("'")) result = "\\&";
  for (size_t n = 0; n < text.size();) {
    unsigned char c = static_cast<unsigned char>(text[n]);
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '\'')
      result += "\\(aq";
    else if (c == '^')
      result += "\\(ha";
    else if (c == '~')
      result += "\\(ti";
    else if (c < 0x80)
      result += text[n];
    if (c < 0x80) {
      ++n;
      continue;
    }
    const auto* at = reinterpret_cast<const llvm::UTF8*>(text.data()) + n;
    llvm::UTF32 point = 0xfffd;
    const llvm::UTF8* begin = at;
    llvm::convertUTF8Sequence(&at, reinterpret_cast<const llvm::UTF8*>(text.end()), &point,
                              llvm::strictConversion);
    n += std::max<size_t>(1, static_cast<size_t>(at - begin));
    result += fmt::format("\\[u{:04X}]", point);
  }
  return result;
}

/// Bold where the text has backticks.
std::string marked(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> pieces;
  text.split(pieces, '`');
  std::string result;
  for (size_t n = 0; n < pieces.size(); ++n) {
    std::string piece = roff(pieces[n]);
    if (n > 0 && llvm::StringRef(piece).starts_with("\\&")) piece = piece.substr(2);
    result += n % 2 == 0 ? piece : "\\fB" + piece + "\\fR";
  }
  return result;
}

/// Paragraphs; the lines of one are filled, and those that begin with a blank stand as they are.
void writeText(std::string& out, llvm::StringRef text) {
  bool isLiteral = false, isNew = false;
  auto literal = [&](bool wanted) {
    if (wanted != isLiteral) out += wanted ? ".PP\n.RS 4\n.nf\n" : ".fi\n.RE\n";
    isLiteral = wanted;
  };
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  for (llvm::StringRef line : lines) {
    if (line.trim().empty()) {
      isNew = true;
      continue;
    }
    bool wasLiteral = isLiteral;
    literal(line.starts_with(" "));
    if (isNew && !isLiteral)
      out += ".PP\n";
    else if (wasLiteral && !isLiteral)
      out += ".PP\n";
    isNew = false;
    out += marked(isLiteral ? line.drop_front(2).rtrim() : line.trim()) + "\n";
  }
  literal(false);
}

void writeFlags(std::string& out, llvm::ArrayRef<ManualFlag> flags) {
  for (const ManualFlag& flag : flags) {
    std::string value = flag.value.empty()     ? ""
                        : flag.isOptionalValue ? fmt::format("[=\\fI{}\\fR]", roff(flag.value))
                                               : fmt::format(" \\fI{}\\fR", roff(flag.value));
    std::string brief = flag.brief.empty() ? "" : fmt::format("\\fB{}\\fR, ", roff(flag.brief));
    out += fmt::format(".TP\n{}\\fB{}\\fR{}\n{}\n", brief, roff(flag.name), value,
                       flag.help.empty() ? "\\&" : marked(flag.help));
  }
}

void writeCommand(std::string& out, const Manual& manual, const ManualCommand& command) {
  out += fmt::format(".SS {}\n", roff(command.name));
  out +=
      fmt::format("\\fB{} {}\\fR{}{}{}\n", roff(manual.program), roff(command.name),
                  command.flags.empty() || !command.verbs.empty() ? "" : " [\\fIflag\\fR\\[u2026]]",
                  command.words.empty() ? "" : " ", roff(command.words));
  out += ".PP\n" + marked(command.summary) + ".\n";
  if (!command.help.empty()) {
    out += ".PP\n";
    writeText(out, command.help);
  }
  if (command.verbs.empty())
    writeFlags(out, command.flags);
  else
    out += fmt::format(".PP\nSee \\fB{}\\-{}\\fR(1).\n", roff(manual.program), roff(command.name));
}

std::string dashed(llvm::StringRef program) {
  std::string name = program.str();
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

}  // namespace

std::string manPage(const Manual& manual) {
  std::string name = dashed(manual.program);
  std::string out = fmt::format(
      ".\\\" Made from the table of commands; not to be edited.\n"
      ".TH {} 1 \"{}\" \"wfc {}\" \"User Commands\"\n.nh\n.ad l\n",
      roff(llvm::StringRef(name).upper()), WFC_DATE, version());
  out += fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(manual.summary));
  out += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR \\fIcommand\\fR [\\fIargument\\fR\\[u2026]]\n",
                     roff(manual.program));
  out += ".SH COMMANDS\n";
  for (const ManualCommand& command : manual.commands) writeCommand(out, manual, command);
  if (!manual.common.empty()) {
    out += ".SH FLAGS OF EVERY COMMAND\n";
    writeFlags(out, manual.common);
  }
  for (const auto& [heading, text] : manual.sections) {
    out += fmt::format(".SH {}\n", roff(heading));
    writeText(out, text);
  }
  if (manual.seeAlso.empty()) return out;
  out += ".SH SEE ALSO\n";
  for (size_t n = 0; n < manual.seeAlso.size(); ++n)
    out += fmt::format(".BR {} (1){}\n", roff(manual.seeAlso[n]),
                       n + 1 < manual.seeAlso.size() ? "," : "");
  return out;
}

}  // namespace wfc::base
