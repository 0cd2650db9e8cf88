// `wfc targets`, `wfc targets --table`, and the page docs/targets.md: all from the targets' tables.
#include "fmt/format.h"

#include "compiler/base/writer.h"
#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/arguments.h"
#include "compiler/driver/session.h"

#include "targets/registry.h"

namespace wfc::driver {

namespace {

using target::Capability;

Capability at(size_t index) { return static_cast<Capability>(index); }

std::string tableText() {
  base::Writer out;
  std::string head = fmt::format("{:<18}", "");
  for (const target::Target* target : targets::all())
    head += fmt::format(" {:<10}", target->name().str());
  out.raw(head);
  for (size_t i = 0; i < target::kCapabilityCount; ++i) {
    std::string line = fmt::format("{:<18}", name(at(i)));
    for (const target::Target* target : targets::all())
      line += fmt::format(" {:<10}", name(target->table()[at(i)].answer));
    out.line("{} {}", line, question(at(i)));
  }
  return out.take();
}

std::string targetsPage() {
  base::Writer out;
  out.raw("# Targets");
  out.line();
  out.raw(
      "What each target carries, and how. Generated from the targets' tables by `./dev regen`.");
  out.line();
  out.raw("- *native*: the system has it.");
  out.raw("- *expanded*: rewritten at compile time.");
  out.raw("- *runtime*: carried by wfr.");
  out.raw("- *refused*: reported at the line that asks.");
  out.line();
  std::string head = "| capability | question |", rule = "|---|---|";
  for (const target::Target* target : targets::all()) {
    head += fmt::format(" {} |", target->name().str());
    rule += "---|";
  }
  out.raw(head);
  out.raw(rule);
  for (size_t i = 0; i < target::kCapabilityCount; ++i) {
    std::string line = fmt::format("| {} | {} |", name(at(i)), question(at(i)));
    for (const target::Target* target : targets::all())
      line += fmt::format(" {} |", name(target->table()[at(i)].answer));
    out.raw(line);
  }
  for (const target::Target* target : targets::all()) {
    out.line();
    out.line("## {}", target->name().str());
    out.line();
    out.line("{}.", target->summary().str());
    out.line();
    for (const target::Row& row : target->table())
      out.line("- **{}** ({}): {}", name(row.capability), name(row.answer), row.note);
  }
  return out.take();
}

}  // namespace

int runTargets(Session& session) {
  if (session.arguments.has("table")) {
    session.print(tableText());
    return session.finish();
  }
  std::string text;
  for (const target::Target* target : targets::all())
    text += fmt::format("{:<12} {}\n", target->name().str(), target->summary().str());
  session.print(text);
  return session.finish();
}

int runDocs(Session& session) {
  const std::string& page = session.arguments.positional.front();
  std::string text = page == "targets"  ? targetsPage()
                     : page == "man"    ? base::manPage(manual())
                     : page == "stdlib" ? stdlibPage()
                                        : "";
  if (text.empty()) {
    rejectValue(session.emitter, "wfc docs", page, {"targets", "man", "stdlib"});
    session.finish();
    return WrongUse;
  }
  session.print(text);
  return session.finish();
}

}  // namespace wfc::driver
