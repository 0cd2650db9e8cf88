// `wfc completion SHELL`: a script made from the table of commands.
#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/session.h"

namespace wfc::driver {

namespace {

std::string names() {
  std::string text;
  for (const Command& command : commands())
    if (!command.isHidden) text += (text.empty() ? "" : " ") + command.name.str();
  return text;
}

std::string flagsOf(const Command& command) {
  std::string text;
  for (llvm::ArrayRef<Flag> flags : {command.flags, commonFlags()})
    for (const Flag& flag : flags) text += (text.empty() ? "--" : " --") + flag.name.str();
  return text;
}

std::string bash() {
  base::Writer out;
  out.raw("_wfc() {");
  out.raw("  local word=${COMP_WORDS[COMP_CWORD]}");
  out.raw("  if [ \"$COMP_CWORD\" -eq 1 ]; then");
  out.line("    COMPREPLY=($(compgen -W '{}' -- \"$word\"))", names());
  out.raw("    return");
  out.raw("  fi");
  out.raw("  case \"$word\" in");
  out.raw("    -*) ;;");
  out.raw("    *) COMPREPLY=($(compgen -f -- \"$word\")); return ;;");
  out.raw("  esac");
  out.raw("  case \"${COMP_WORDS[1]}\" in");
  for (const Command& command : commands())
    if (!command.isHidden)
      out.line("    {}) COMPREPLY=($(compgen -W '{}' -- \"$word\")) ;;", command.name.str(),
               flagsOf(command));
  out.raw("  esac");
  out.raw("}");
  out.raw("complete -o filenames -F _wfc wfc");
  return out.take();
}

/// As one word of zsh's and fish's descriptions.
std::string plain(llvm::StringRef text) {
  std::string result;
  for (char c : text) result += c == '\'' || c == '`' || c == '[' || c == ']' || c == ':' ? ' ' : c;
  return result;
}

std::string zsh() {
  base::Writer out;
  out.raw("#compdef wfc");
  out.raw("_wfc() {");
  out.raw("  local -a commands");
  out.raw("  commands=(");
  for (const Command& command : commands())
    if (!command.isHidden) out.line("    '{}:{}'", command.name.str(), plain(command.summary));
  out.raw("  )");
  out.raw("  if (( CURRENT == 2 )); then _describe command commands; return; fi");
  out.raw("  case $words[2] in");
  for (const Command& command : commands()) {
    if (command.isHidden) continue;
    std::string specs;
    for (llvm::ArrayRef<Flag> flags : {command.flags, commonFlags()})
      for (const Flag& flag : flags)
        specs += fmt::format(" '--{}[{}]{}'", flag.name.str(), plain(flag.doc),
                             flag.value.empty() ? "" : ":value:_files");
    out.line("    {}) _arguments{} '*:file:_files' ;;", command.name.str(), specs);
  }
  out.raw("  esac");
  out.raw("}");
  out.raw("_wfc \"$@\"");
  return out.take();
}

std::string fish() {
  base::Writer out;
  for (const Command& command : commands()) {
    if (command.isHidden) continue;
    std::string name = command.name.str();
    out.line("complete -c wfc -n __fish_use_subcommand -a {} -d '{}'", name,
             plain(command.summary));
    for (llvm::ArrayRef<Flag> flags : {command.flags, commonFlags()})
      for (const Flag& flag : flags)
        out.line("complete -c wfc -n '__fish_seen_subcommand_from {}' -l {}{}{} -d '{}'", name,
                 flag.name.str(), flag.letter ? fmt::format(" -s {}", flag.letter) : "",
                 flag.value.empty() ? "" : " -r", plain(flag.doc));
  }
  return out.take();
}

}  // namespace

int runCompletion(Session& session) {
  const std::string& shell = session.arguments.positional.front();
  std::vector<std::string_view> known = {"bash", "zsh", "fish"};
  if (std::find(known.begin(), known.end(), shell) == known.end()) {
    rejectValue(session.emitter, "wfc completion", shell, known);
    session.finish();
    return WrongUse;
  }
  session.print(shell == "bash" ? bash() : shell == "zsh" ? zsh() : fish());
  return session.finish();
}

}  // namespace wfc::driver
