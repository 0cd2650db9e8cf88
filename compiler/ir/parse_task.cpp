// Tasks from the text form: the mirror of print_task.cpp.
#include <fmt/format.h>

#include "compiler/ir/parser.h"

namespace wfc::ir {

void Parser::inputEntry(Task& task) {
  Input input;
  input.name = s_.anyWord();
  s_.expect(":");
  input.type = type();
  input.many = s_.eatWord("many");
  input.some = s_.eatWord("some");
  input.removes = s_.eatWord("removes");
  endLine();
  task.inputs.push_back(std::move(input));
}

void Parser::outputEntry(Task& task) {
  Output output;
  output.name = s_.anyWord();
  s_.expect(":");
  output.type = type();
  if (s_.eatWord("at")) output.path = expr();
  if (s_.eatWord("pattern")) output.pattern = s_.string();
  if (s_.eatWord("size")) output.size = expr();
  if (s_.eatWord("files")) output.files = expr();
  output.small = s_.eatWord("small");
  if (s_.eatWord("values")) output.valuesFlag = s_.string();
  output.loc = endLine();
  task.outputs.push_back(std::move(output));
}

void Parser::needEntry(Task& task) {
  Need need;
  need.key = s_.anyWord();
  s_.expect("=");
  need.value = expr();
  if (s_.eatWord("of")) need.of = s_.string();
  need.loc = endLine();
  task.needs.push_back(std::move(need));
}

void Parser::retryEntry(Task& task) {
  Retry retry;
  retry.count = s_.integer();
  if (s_.eatWord("on")) retry.causes = outcomes();
  if (s_.eatWord("with")) do {
      Growth growth;
      growth.key = s_.anyWord();
      growth.multiply = s_.eat("*");
      if (!growth.multiply) s_.expect("+");
      growth.by = expr();
      retry.growths.push_back(std::move(growth));
    } while (s_.eat(","));
  if (s_.eatWord("delay")) retry.delayMs = duration();
  if (s_.eatWord("growing")) {
    Value growing = value();
    if (growing.kind != Value::Float) s_.fail("expected a number with a point");
    retry.growing = growing.f;
  }
  retry.loc = endLine();
  task.retries.push_back(std::move(retry));
}

void Parser::resumeEntry(Task& task) {
  Resume resume;
  if (s_.eat("#")) {
    resume.output = static_cast<int>(std::min<uint32_t>(s_.number(), 1 << 20));
  } else {
    std::string name = s_.anyWord();
    for (size_t n = 0; n < task.outputs.size(); ++n)
      if (task.outputs[n].name == name) resume.output = static_cast<int>(n);
    if (resume.output < 0) s_.fail(fmt::format("there is no output `{}`", name));
  }
  if (s_.eatWord("lead")) resume.leadMs = duration();
  if (s_.eatWord("slices")) resume.slices = s_.integer();
  resume.loc = endLine();
  task.resume = resume;
}

// ---- bodies

Hole Parser::hole() {
  Hole hole;
  s_.expect("$");
  hole.variable = s_.anyWord();
  hole.raw = s_.eatWord("raw");
  hole.list = s_.eatWord("list");
  hole.optional = s_.eatWord("optional");
  hole.isSwitch = s_.eatWord("switch");
  if (s_.eatWord("flag")) hole.flag = s_.string();
  s_.expect("=");
  hole.value = expr();
  endLine();
  return hole;
}

std::optional<Body::Language> Parser::language() {
  if (s_.eatWord("sh")) return Body::Sh;
  if (s_.eatWord("bash")) return Body::Bash;
  if (s_.eatWord("python")) return Body::Python;
  return std::nullopt;
}

// One piece of a body's text: a string, which joins the one before, or a hole.
void Parser::piece(Body& body) {
  if (s_.peek() == '"') {
    std::string text = s_.string();
    if (body.pieces.empty() || body.pieces.back().hole >= 0) body.pieces.emplace_back();
    body.pieces.back().text += text;
    return;
  }
  s_.expect("$");
  std::string variable = s_.anyWord();
  for (size_t n = 0; n < body.holes.size(); ++n) {
    if (body.holes[n].variable != variable) continue;
    body.pieces.push_back({"", static_cast<int>(n)});
    return;
  }
  s_.fail(fmt::format("there is no hole `{}`", variable));
}

Body Parser::body(Body::Language language) {
  Body body;
  body.language = language;
  body.loc = takeLoc();
  openBlock();
  while (inBlock()) {
    if (s_.eatWord("let")) {
      body.holes.push_back(hole());
      continue;
    }
    do piece(body);
    while (s_.peek() == '"' || s_.peek() == '$');
    endLine();
  }
  endLine();
  return body;
}

void Parser::checkEntry(Task& task) {
  Check check;
  s_.expectWord("every");
  check.everyMs = duration();
  if (s_.eatWord("after")) check.afterMs = duration();
  std::optional<Body::Language> found = language();
  if (!found) s_.fail("expected `sh`, `bash` or `python`");
  check.body = body(found.value_or(Body::Sh));
  task.checks.push_back(std::move(check));
}

// ---- the task

void Parser::environmentEntry(Task& task) {
  if (s_.eatWord("env")) {
    EnvVar var;
    var.name = s_.string();
    s_.expect("=");
    var.value = expr();
    task.env.push_back(std::move(var));
  } else if (s_.eatWord("module")) {
    task.modules.push_back(s_.string());
  } else if (s_.eatWord("conda")) {
    task.conda = s_.string();
  } else if (s_.eatWord("container")) {
    task.container = expr();
  } else if (s_.eatWord("exit")) {
    int64_t code = s_.integer();
    s_.expect("=");
    if (code < 0 || code > 255) s_.fail("an exit status is 0 to 255");
    task.exits[static_cast<int>(code)] = outcome();
  } else if (s_.eatWord("fill")) {
    Fill fill;
    fill.from = expr();
    s_.expectWord("with");
    fill.with = expr();
    task.fills.push_back(fill);
  } else if (s_.eatWord("doc")) {
    task.doc = s_.string();
  } else if (s_.eatWord("no_data")) {
    task.noData = true;
  } else {
    s_.fail("this is no part of a task");
  }
  endLine();
}

void Parser::taskEntry(Task& task) {
  if (s_.eatWord("in")) return inputEntry(task);
  if (s_.eatWord("out")) return outputEntry(task);
  if (s_.eatWord("needs")) return needEntry(task);
  if (s_.eatWord("retry")) return retryEntry(task);
  if (s_.eatWord("resume")) return resumeEntry(task);
  if (s_.eatWord("check")) return checkEntry(task);
  if (s_.eatWord("secret")) {
    task.secrets.push_back(hole());
    return;
  }
  if (std::optional<Body::Language> found = language()) {
    task.body = body(*found);
    return;
  }
  environmentEntry(task);
}

void Parser::taskLine(uint32_t n) {
  s_.word();
  s_.expect("@");
  s_.pathName();
  task_ = n;
  Task& task = m_.tasks[n];
  task.loc = blockLoc_ = takeLoc();
  openBlock();
  while (inBlock()) taskEntry(task);
  task_.reset();
  endLine();
}

}  // namespace wfc::ir
