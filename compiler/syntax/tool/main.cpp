// wfc-parse: the front end alone, for its tests.
//
//   wfc-parse FILE               the tree, then the reports
//   wfc-parse --tokens FILE      our tokens
//   wfc-parse --compare FILE…    our tokens against the generated lexer's, of each file and of its
//                                mutations (--mutations N, default 100)
//   wfc-parse --torture FILE…    reads each file cut everywhere and mutated; nothing may crash
//   wfc-parse --ambiguity FILE…  exact ambiguity detection over the grammar's start rule
//   wfc-parse --time FILE        milliseconds and peak memory of a cold read
//
// Mutations come from a fixed seed: the same ones every time.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <sys/resource.h>

#include <fmt/format.h>

#include "compiler/syntax/lexer.h"
#include "compiler/syntax/parse.h"
#include "compiler/syntax/print.h"
#include "compiler/syntax/tool/oracle.h"

using namespace wfc;

namespace {

std::string readFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

/// Reports as `line:column: name: text`, with labels, notes and fixes below.
void printReports(const source::Sources& sources, diag::Emitter& emitter) {
  auto place = [&](source::Range range) {
    auto at = sources.lineColumn(range.file, range.begin);
    return fmt::format("{}:{}", at.line, at.column);
  };
  for (const diag::Diagnostic& d : emitter.take()) {
    print(fmt::format("{}: {}[{}]: {}\n", place(d.at), diag::toString(d.severity), d.name, d.text));
    for (const diag::Label& label : d.labels)
      print(fmt::format("  {}: {}\n", place(label.range), label.text));
    if (!d.note.empty()) print(fmt::format("  = {}\n", d.note));
    if (d.fix) print(fmt::format("  fix {}: `{}`\n", place(d.fix->range), d.fix->text));
  }
}

int tree(const std::string& path) {
  source::Sources sources;
  auto file = sources.add(path, readFile(path));
  diag::Emitter emitter;
  print(syntax::printTree(syntax::parse(sources, file, emitter)));
  bool isWrong = emitter.hasErrors();
  printReports(sources, emitter);
  return isWrong ? 1 : 0;
}

/// One text of several tokens `Text` counts as one: how it is cut is no difference.
std::vector<syntax::Token> joined(const std::vector<syntax::Token>& tokens) {
  std::vector<syntax::Token> out;
  for (const syntax::Token& t : tokens) {
    if (t.kind == syntax::Tok::Text && !out.empty() && out.back().kind == t.kind &&
        out.back().end == t.begin)
      out.back().end = t.end;
    else
      out.push_back(t);
  }
  return out;
}

std::vector<syntax::Token> ours(std::string_view text) {
  syntax::Tokens tokens = syntax::lex(text);
  std::vector<syntax::Token> all;
  std::merge(tokens.all.begin(), tokens.all.end(), tokens.comments.begin(), tokens.comments.end(),
             std::back_inserter(all),
             [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return joined(all);
}

/// The first difference, or nothing.
std::string compare(std::string_view text) {
  auto a = ours(text);
  auto b = joined(syntax::oracleTokens(text));
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    auto show = [&](const auto& list) {
      if (i >= list.size()) return std::string("nothing");
      return fmt::format("{} [{}, {})", syntax::describe(list[i].kind), list[i].begin, list[i].end);
    };
    std::string mine = show(a);
    std::string theirs = show(b);
    if (mine != theirs || a[i].kind != b[i].kind)
      return fmt::format("token {}: ours {}, the grammar's {}", i, mine, theirs);
  }
  return {};
}

class Mutator {
 public:
  std::string mutate(std::string text) {
    for (size_t n = 1 + pick(4); n && !text.empty(); --n) {
      size_t at = pick(text.size());
      switch (pick(4)) {
        case 0:
          text.erase(at, 1 + pick(8));
          break;
        case 1:
          text.insert(at, piece());
          break;
        case 2:
          text.resize(at);
          break;
        default:
          text.insert(at, text.substr(pick(text.size()), pick(40)));
          break;
      }
    }
    return text;
  }

 private:
  size_t pick(size_t n) { return random_() % n; }
  std::string piece() {
    static constexpr std::string_view pieces[] = {
        "\"",  "\"\"\"", "@{",   "@raw{", "}",           "{",        "(",    ")",  "[",   "]",
        ":",   "\n",     "\r\n", "\\",    "'",           "//",       "///",  "..", "...", ".",
        "--",  "-",      "->",   "=",     "&&",          "||",       "!",    ",",  "|",   "1",
        "1e",  "1.5",    "_",    "Z",     "2025-01-01T", "\xc3\xa9", "\xff", "@",  "@@{", "if",
        "for", "in",     "of",   "*",     "?",           ";",        "\t",   "/",  " "};
    if (pick(20) == 0) return std::string(1, '\0');
    return std::string(pieces[pick(std::size(pieces))]);
  }

  std::mt19937 random_{20251121};
};

int compareAll(const std::vector<std::string>& paths, int mutations) {
  Mutator mutator;
  int compared = 0;
  for (const std::string& path : paths) {
    std::string text = readFile(path);
    for (int i = 0; i <= mutations; ++i) {
      std::string tried = i ? mutator.mutate(text) : text;
      ++compared;
      std::string difference = compare(tried);
      if (difference.empty()) continue;
      print(fmt::format("{}, mutation {}: {}\n", path, i, difference));
      std::ofstream("wfc-parse-difference.wf", std::ios::binary) << tried;
      return 1;
    }
  }
  print(fmt::format("{} texts: equal tokens\n", compared));
  return 0;
}

/// A text that is wrong must be reported so; one that is not must read back as itself.
int torture(const std::vector<std::string>& paths, int mutations) {
  Mutator mutator;
  int count = 0;
  auto one = [&](std::string text) {
    source::Sources sources;
    auto file = sources.add("x.wf", std::move(text));
    diag::Emitter emitter;
    (void)syntax::printTree(syntax::parse(sources, file, emitter));
    ++count;
  };
  for (const std::string& path : paths) {
    std::string text = readFile(path);
    size_t step = std::max<size_t>(1, text.size() / 400);
    for (size_t end = 0; end < text.size(); end += step) one(text.substr(0, end));
    for (int i = 0; i < mutations; ++i) one(mutator.mutate(text));
  }
  print(fmt::format("{} texts read\n", count));
  return 0;
}

int ambiguity(const std::vector<std::string>& paths) {
  int found = 0;
  for (const std::string& path : paths) {
    for (const std::string& line : syntax::findAmbiguities(readFile(path))) {
      print(fmt::format("{}: {}\n", path, line));
      ++found;
    }
  }
  print(fmt::format("{} files: {} findings\n", paths.size(), found));
  return found ? 1 : 0;
}

int tokens(const std::string& path) {
  std::string text = readFile(path);
  for (const syntax::Token& t : ours(text))
    print(fmt::format("{}-{} {}\n", t.begin, t.end, syntax::describe(t.kind)));
  return 0;
}

int timed(const std::string& path) {
  source::Sources sources;
  auto file = sources.add(path, readFile(path));
  diag::Emitter emitter;
  auto begin = std::chrono::steady_clock::now();
  auto tree = syntax::parse(sources, file, emitter);
  std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  print(fmt::format("{} lines, {} declarations, {} errors, {:.1f} ms, {} MB\n",
                    sources.lineCount(file), tree.decls.size(), emitter.errorCount(), took.count(),
                    usage.ru_maxrss / 1024));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string mode;
  int mutations = 100;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    std::string arg = argv[i];
    if (arg == "--mutations" && i + 1 < argc)
      mutations = std::atoi(argv[++i]);
    else if (arg.starts_with("--"))
      mode = arg;
    else
      paths.push_back(arg);
  }
  if (paths.empty()) return 2;
  if (mode == "--tokens") return tokens(paths[0]);
  if (mode == "--compare") return compareAll(paths, mutations);
  if (mode == "--torture") return torture(paths, mutations);
  if (mode == "--ambiguity") return ambiguity(paths);
  if (mode == "--time") return timed(paths[0]);
  return tree(paths[0]);
}
