// The script around a body; its code is compiler/ir/body.h's.
#include "compiler/target/text/body.h"

#include <algorithm>

#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/ir/body.h"

namespace wfc::target {

namespace {

using ir::Body;
using ir::Hole;

bool isNameByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Words on lines of at most 100 columns, each line beginning with `first`.
void writeWrapped(base::Writer& out, const std::string& first,
                  const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty() && line.size() + 1 + word.size() > 100) {
      out.raw(line);
      line.clear();
    }
    if (line.empty()) line = first;
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) out.raw(line);
}

/// Lists are declared empty and filled by the sourced file; a scalar must have arrived, but may be
/// empty; what is optional may be missing.
void writeVariables(base::Writer& out, const Body& body) {
  std::vector<std::string> checks, lists;
  for (const Hole& hole : body.holes) {
    if (hole.list)
      lists.push_back(hole.variable + "=()");
    else if (!hole.optional && !hole.isSwitch)
      checks.push_back(fmt::format("\"${{{}?}}\"", hole.variable));
  }
  writeWrapped(out, "", lists);
  if (!body.holes.empty()) {
    out.raw("# shellcheck source=/dev/null");
    out.raw("[[ -z ${WFR_VARS-} ]] || . \"$WFR_VARS\"");
  }
  writeWrapped(out, ":", checks);
}

void writeEnvironment(base::Writer& out, const ir::Module& module, const ir::Task& task) {
  std::string names;
  for (const ir::EnvVar& variable : task.env) names += (names.empty() ? "" : ", ") + variable.name;
  if (!names.empty()) out.line("# The runtime has set: {}", names);
  if (task.container) {
    const ir::Expr& image = module[task.container];
    std::string name =
        image.op == ir::Op::Const ? fmt::format(" {}", ir::shellWord(image.value.s)) : "";
    out.line("# The runtime has entered the container{}; inputs and outputs are mounted.", name);
  }
  std::string loaded;
  for (const std::string& name : task.modules)
    loaded += (loaded.empty() ? "" : ", ") + ir::shellWord(name);
  if (!loaded.empty()) out.line("# The runtime has loaded the modules {}", loaded);
  if (!task.conda.empty())
    out.line("# The runtime has activated the conda environment {}", ir::shellWord(task.conda));
}

}  // namespace

std::string bodyText(const Body& body) {
  std::string code = ir::bodyCode(body);
  if (body.language != Body::Python) return code;
  std::string word = "PYTHON";
  while (llvm::StringRef("\n" + code).contains("\n" + word + "\n")) word += "_";
  return fmt::format("python3 - <<'{0}'\n{1}{0}\n", word, code);
}

std::string scriptText(const ir::Module& module, const ir::Task& task, const Body& body,
                       const std::string& after) {
  base::Writer out;
  bool isShell = body.language != Body::Python;
  bool hasRaw =
      std::any_of(body.holes.begin(), body.holes.end(), [](const Hole& hole) { return hole.raw; });
  if (isShell && hasRaw)
    out.raw("# shellcheck disable=SC2086,SC2048 # @raw{…} asks for unquoted text");
  out.raw("set -euo pipefail");
  out.line();
  if (!after.empty()) out.write(after);
  if (isShell) writeVariables(out, body);
  writeEnvironment(out, module, task);
  if (!out.text().ends_with("\n\n")) out.line();
  return out.take() + bodyText(body);
}

std::string fileName(llvm::StringRef name) {
  std::string result;
  for (char c : name) {
    if (isNameByte(c) || c == '.' || c == '+' || c == '-')
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

}  // namespace wfc::target
