// Tasks in the text form: one line for each input, output, need and policy, then the body.
//
// A body is its holes (`let $work = in.work`) and then its text, line by line, with the holes where
// they stand: `"cp -r " $work "/.\n"`.
#include "compiler/ir/printer.h"

namespace wfc::ir {

std::string Printer::duration(int64_t ms) {
  static const Module kNone;
  return toText(kNone, Value::scalar(Value::Duration, ms));
}

static std::string flag(bool set, llvm::StringRef name) { return set ? " " + name.str() : ""; }

void Printer::inputs(const Task& task) {
  for (const Input& input : task.inputs)
    line("  in {}: {}{}{}{}", word(input.name), type(input.type), flag(input.many, "many"),
         flag(input.some, "some"), flag(input.removes, "removes"));
}

void Printer::outputs(const Task& task) {
  for (const Output& output : task.outputs) {
    std::string path = output.path.valid() ? " at " + expr(output.path) : "";
    std::string size = output.size.valid() ? " size " + expr(output.size) : "";
    if (output.files.valid()) size += " files " + expr(output.files);
    line("  out {}: {}{}{}{}{}{}{}", word(output.name), type(output.type), path,
         textAttr("pattern", output.pattern), size, flag(output.small, "small"),
         textAttr("values", output.valuesFlag), locText(output.loc));
  }
  if (task.noData) line("  no_data");
}

void Printer::environment(const Task& task) {
  for (const Need& need : task.needs)
    line("  needs {} = {}{}{}", word(need.key), expr(need.value), textAttr("of", need.of),
         locText(need.loc));
  for (const EnvVar& var : task.env) line("  env {} = {}", quoted(var.name), expr(var.value));
  for (const std::string& module : task.modules) line("  module {}", quoted(module));
  if (!task.conda.empty()) line("  conda {}", quoted(task.conda));
  if (task.container.valid()) line("  container {}", expr(task.container));
}

void Printer::retry(const Retry& retry) {
  std::string text;
  for (Outcome cause : retry.causes) text += (text.empty() ? " on " : ", ") + ir::name(cause).str();
  for (size_t n = 0; n < retry.growths.size(); ++n) {
    const Growth& growth = retry.growths[n];
    text += fmt::format("{} {} {} {}", n == 0 ? " with" : ",", word(growth.key),
                        growth.multiply ? "*" : "+", expr(growth.by));
  }
  if (retry.delayMs != 0) text += " delay " + duration(retry.delayMs);
  if (retry.growing != 1) text += " growing " + floatText(retry.growing);
  line("  retry {}{}{}", retry.count, text, locText(retry.loc));
}

void Printer::policies(const Task& task) {
  for (const Retry& r : task.retries) retry(r);
  if (task.resume.output >= 0) {
    auto n = static_cast<size_t>(task.resume.output);
    std::string output =
        n < task.outputs.size() ? word(task.outputs[n].name) : fmt::format("#{}", n);
    std::string lead = task.resume.leadMs != 0 ? " lead " + duration(task.resume.leadMs) : "";
    std::string slices =
        task.resume.slices != 1 ? fmt::format(" slices {}", task.resume.slices) : "";
    line("  resume {}{}{}{}", output, lead, slices, locText(task.resume.loc));
  }
  for (auto [code, outcome] : task.exits) line("  exit {} = {}", code, ir::name(outcome).str());
  for (const Fill& fill : task.fills) line("  fill {} with {}", expr(fill.from), expr(fill.with));
  for (const Hole& secret : task.secrets) line("  secret {}", hole(secret));
}

std::string Printer::hole(const Hole& hole) {
  return fmt::format("${}{}{}{}{}{} = {}", word(hole.variable), flag(hole.raw, "raw"),
                     flag(hole.list, "list"), flag(hole.optional, "optional"),
                     flag(hole.isSwitch, "switch"), textAttr("flag", hole.flag), expr(hole.value));
}

void Printer::body(const Body& body, llvm::StringRef indent) {
  for (const Hole& h : body.holes) line("{}let {}", indent.str(), hole(h));
  std::string text;
  std::string pending;
  // Texts that follow one another are one; each line of the script gets one of its own.
  auto flush = [&] {
    if (!pending.empty()) text += (text.empty() ? "" : " ") + quoted(pending);
    pending.clear();
  };
  auto endLine = [&] {
    flush();
    if (!text.empty()) line("{}{}", indent.str(), text);
    text.clear();
  };
  for (const Piece& piece : body.pieces) {
    if (piece.hole >= 0) {
      flush();
      auto n = static_cast<size_t>(piece.hole);
      std::string name = n < body.holes.size() ? word(body.holes[n].variable) : "!";
      text += (text.empty() ? "$" : " $") + name;
      continue;
    }
    for (char c : piece.text) {
      pending += c;
      if (c == '\n') endLine();
    }
  }
  endLine();
}

static llvm::StringRef languageName(Body::Language language) {
  return language == Body::Sh ? "sh" : language == Body::Bash ? "bash" : "python";
}

void Printer::task(uint32_t n) {
  const Task& task = m_.tasks[n];
  task_ = &task;
  line("task {}{} {{", names_.tasks[n], locText(task.loc));
  if (!task.doc.empty()) line("  doc {}", quoted(task.doc));
  inputs(task);
  outputs(task);
  environment(task);
  policies(task);
  if (!task.body.pieces.empty() || !task.body.holes.empty()) {
    line("  {}{} {{", languageName(task.body.language).str(), locText(task.body.loc));
    body(task.body, "    ");
    line("  }}");
  }
  for (const Check& check : task.checks) {
    std::string after = check.afterMs != 0 ? " after " + duration(check.afterMs) : "";
    line("  check every {}{} {}{} {{", duration(check.everyMs), after,
         languageName(check.body.language).str(), locText(check.body.loc));
    body(check.body, "    ");
    line("  }}");
  }
  line("}}");
  task_ = nullptr;
}

}  // namespace wfc::ir
