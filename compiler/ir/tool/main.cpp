// wfc-ir: shows tests what the library makes of a module file. Not installed, no interface to keep.
//
//   roundtrip FILE   print(parse(FILE)), after making sure that it prints the same again
//   verify FILE      the broken promises, one a line
//   eval FILE        every `env` of every task, evaluated without a scope
//   space FILE       size, first and last elements of every space, and how families count
//   fuzz N FILE      N random mutations of the text: the parser must not crash, what it accepts
//                    must round-trip, verify and evaluate without a crash
#include <cstdio>
#include <random>

#include <fmt/format.h>

#include "compiler/base/filesystem.h"
#include "compiler/ir/space.h"
#include "compiler/ir/text.h"

namespace {

using namespace wfc;

int roundtrip(const ir::Module& module) {
  std::string first = ir::print(module);
  ir::ParseResult again = ir::parse(first);
  if (!again.module) {
    fmt::print(stderr, "its own text is refused, line {}: {}\n", again.line, again.error);
    return 1;
  }
  std::string second = ir::print(*again.module);
  if (second != first) {
    fmt::print(stderr, "the second text differs:\n{}", second);
    return 1;
  }
  fmt::print("{}", first);
  return 0;
}

int showBroken(const ir::Module& module) {
  std::vector<std::string> broken = ir::verify(module);
  for (const std::string& line : broken) fmt::print("{}\n", line);
  return broken.empty() ? 0 : 1;
}

int evaluate(const ir::Module& module) {
  for (const ir::Task& task : module.tasks)
    for (const ir::EnvVar& var : task.env) {
      ir::Result result = ir::evaluate(module, var.value, {});
      if (!result)
        fmt::print("{}: error: {}\n", var.name, result.error);
      else
        fmt::print("{}: {} | {} | {}\n", var.name, ir::toText(module, *result.value),
                   ir::keyText(module, *result.value), ir::toJson(module, *result.value));
    }
  return 0;
}

void showSpace(const ir::Module& module, ir::SpaceId id) {
  fmt::print("{}: ", module[id].name);
  if (!ir::isStatic(module, id)) {
    fmt::print("known at run time\n");
    return;
  }
  uint64_t size = ir::sizeOf(module, id);
  if (size == ir::kOpen)
    fmt::print("open");
  else
    fmt::print("{}", size);
  for (uint64_t n = 0; n < std::min<uint64_t>(size, 16); ++n)
    fmt::print(" {}", ir::keyOf(module, id, ir::elementAt(module, id, n)));
  if (size != ir::kOpen && size > 16) {
    ir::Value last = ir::elementAt(module, id, size - 1);
    fmt::print(" … {}", ir::keyOf(module, id, last));
    if (ir::findIn(module, id, last) != size - 1) fmt::print(" (not found)");
  }
  for (uint64_t n = 0; n < std::min<uint64_t>(size, 16); ++n)
    if (ir::findIn(module, id, ir::elementAt(module, id, n)) != n) fmt::print(" ({} not found)", n);
  fmt::print("\n");
}

int spaces(const ir::Module& module) {
  for (uint32_t n = 0; n < module.spaces.size(); ++n) showSpace(module, ir::SpaceId(n));
  for (const ir::Family& family : module.families) {
    std::optional<uint64_t> count = ir::instancesOf(module, family);
    fmt::print("{}: {} instances\n", family.name,
               !count                ? "?"
               : *count == ir::kOpen ? "open"
                                     : std::to_string(*count));
    std::vector<std::string> keys;
    for (ir::LoopId loop : family.loops) {
      ir::SpaceId space = module[loop].space;
      bool some = ir::isStatic(module, space) && ir::sizeOf(module, space) > 0;
      keys.push_back(some ? ir::keyOf(module, space, ir::elementAt(module, space, 0)) : "?");
    }
    fmt::print("  {}\n", ir::instanceId(family, keys));
    if (!family.task.valid()) continue;
    for (uint32_t n = 0; n < module[family.task].outputs.size(); ++n)
      fmt::print("  {}\n", ir::derivedPath(module, family, keys, n));
  }
  return 0;
}

// Pieces that mean something to the parser, to be put where they do not belong.
std::string mutated(std::string text, std::mt19937& random) {
  static constexpr const char* kPieces[] = {"{",
                                            "}",
                                            "(",
                                            ")",
                                            "[",
                                            "]",
                                            "\"",
                                            "@",
                                            "%",
                                            "!",
                                            "=",
                                            ":",
                                            "..",
                                            "none",
                                            "1",
                                            "-9223372036854775808",
                                            "\n",
                                            "task @a {",
                                            "loop %l in %l",
                                            "loc(1:1:1)",
                                            "\\u00e9",
                                            "99999999999999999999",
                                            "const"};
  for (unsigned n = random() % 4 + 1; n > 0; --n) {
    size_t at = random() % (text.size() + 1);
    size_t length = random() % 12;
    switch (random() % 4) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[random() % std::size(kPieces)]);
        break;
      case 2:
        text.insert(at, text.substr(random() % (text.size() + 1), length * 8));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(random());
    }
  }
  return text;
}

int fuzz(const std::string& text, unsigned count) {
  std::mt19937 random(1);
  for (unsigned n = 0; n < count; ++n) {
    std::string changed = mutated(text, random);
    ir::ParseResult result = ir::parse(changed);
    if (!result.module) continue;
    std::string first = ir::print(*result.module);
    ir::ParseResult again = ir::parse(first);
    if (again.module && ir::print(*again.module) == first) {
      (void)ir::verify(*result.module);
      for (uint32_t e = 0; e < result.module->exprs.size(); ++e)
        (void)ir::evaluate(*result.module, ir::ExprId(e), {});
      continue;
    }
    fmt::print("no round trip ({}, line {}) of:\n{}\n----\n{}", again.error, again.line, changed,
               first);
    return 1;
  }
  fmt::print("{} mutations\n", count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string verb = argc > 2 ? argv[1] : "";
  auto text = base::realFileSystem()->read(argc > 2 ? argv[argc - 1] : "");
  if (!text) {
    fmt::print(stderr, "use: wfc-ir roundtrip|verify|eval|space|fuzz [N] FILE\n");
    return 2;
  }
  if (verb == "fuzz")
    return fuzz(*text, argc > 3 ? static_cast<unsigned>(std::stoul(argv[2])) : 1000);
  ir::ParseResult result = ir::parse(*text);
  if (!result.module) {
    fmt::print("line {}: {}\n", result.line, result.error);
    return 1;
  }
  if (verb == "roundtrip") return roundtrip(*result.module);
  if (verb == "verify") return showBroken(*result.module);
  if (verb == "eval") return evaluate(*result.module);
  return spaces(*result.module);
}
