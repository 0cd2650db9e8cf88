// Cycle strings that render otherwise than meant, and what jobs get to see.
#include <algorithm>

#include "fmt/format.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

#include "targets/rocoto/foreign/audit.h"

namespace wfc::targets::rocoto::foreign {

namespace {

// For what is shown where there is no cycle.
constexpr int64_t kSomeTime = 1736942400;  // 2025-01-15T12:00Z

bool isBreak(char c) { return llvm::isSpace(c) || llvm::StringRef("\"'`/<>()").contains(c); }

class Strings {
 public:
  explicit Strings(Audit& audit) : audit_(audit) {
    for (const CycleDef& def : audit.document.cycledefs)
      if (std::vector<int64_t> first = def.first(1); !first.empty()) time_ = first.front();
    if (!audit.document.cycledefs.empty() && !audit.document.cycledefs.front().isCron)
      if (int64_t start = audit.document.cycledefs.front().start; start != 0) time_ = start;
  }

  void all() {
    if (const Node* log = audit_.document.xml.root.child("log")) text(timeStringOf(*log));
    for (const Task& task : audit_.document.tasks) {
      for (const auto& [name, item] : task.items)
        if (isOfTimes(name)) text(item);
      for (const TimeString& native : task.natives) text(native);
      variables(task);
      for (const auto* tree : {&task.dependency, &task.hang})
        if (*tree) condition(**tree);
    }
  }

 private:
  static bool isOfTimes(llvm::StringRef name) {
    return llvm::is_contained(
        std::initializer_list<llvm::StringRef>{"command", "join", "stdout", "stderr", "jobname",
                                               "nodesize", "deadline"},
        name);
  }

  void condition(const Dependency& d) {
    if (d.text.isThere) text(d.text);
    if (d.other.isThere) text(d.other);
    if (d.kind == "timedep" && d.text.isThere) {
      std::string when = d.text.render(time_);
      if (when.size() < 14 || !llvm::all_of(when.substr(0, 14), llvm::isDigit))
        audit_.report(d.at, diag::TimeToWaitFor{.rendered = when});
    }
    if (const Attribute* size = d.kind == "datadep" ? d.node->attribute("minsize") : nullptr)
      if (!llvm::Regex("^[0-9]+[BbKkMmGgTtPpEe]?$").match(size->value.str()))
        audit_.report(size->value.at(), diag::SizeToWaitFor{.value = size->value.str()});
    for (const Dependency& child : d.children) condition(child);
  }

  // ---- one text

  void text(const TimeString& string) {
    for (const TimeString::Part& part : string.parts) {
      if (part.isCycle)
        cycles(part.text);
      else
        outside(part.text);
    }
  }

  void cycles(const Text& text) {
    llvm::StringRef all = text.str();
    eaten_.clear();
    placeholders(text);
    std::vector<Token> tokens = tokensOf(all);
    size_t told = 0;
    for (size_t n = 0; n < tokens.size(); ++n) {
      const Token& token = tokens[n];
      if (isEaten(token.begin) || token.begin < told) continue;
      bool isWrapped = token.kind == Token::Unknown && n > 0 && tokens[n - 1].kind == Token::Flag;
      if (token.kind == Token::At || isWrapped)
        told = stray(text, tokens, token);
      else if (token.kind == Token::Unknown)
        unknown(text, token);
      else if (token.kind == Token::Mangled)
        mangled(text, token);
    }
    arithmetic(text);
  }

  bool isEaten(size_t at) const {
    return llvm::any_of(eaten_,
                        [&](auto& range) { return at >= range.first && at < range.second; });
  }

  /// `@NAME@`, and addresses of mail.
  void placeholders(const Text& text) {
    static const llvm::Regex kPlaceholder("@[A-Z][A-Z0-9_]*[A-Z0-9][A-Z0-9]@"),
        kMail(
            "[A-Za-z0-9_.+-]+@[A-Za-z][A-Za-z0-9-]*\\.[A-Za-z0-9.-]*(gov|com|org|edu|net|mil|int)");
    for (const llvm::Regex* pattern : {&kPlaceholder, &kMail}) {
      llvm::StringRef all = text.str();
      llvm::SmallVector<llvm::StringRef> match;
      for (size_t from = 0; pattern->match(all.substr(from), &match); from = eaten_.back().second) {
        size_t begin = static_cast<size_t>(match[0].data() - all.data()),
               end = begin + match[0].size();
        eaten_.push_back({begin, end});
        std::string word = match[0].str();
        size_t at = word.find('@');
        std::string flag = word.substr(at, 2), value = rendered(flag, time_);
        std::string meaning =
            value.starts_with("%") ? "no flag" : fmt::format("a part of the time, {}", value);
        audit_.report(
            text.at(begin, end),
            diag::EatenPlaceholder{
                .word = word, .rendered = rendered(word, time_), .flag = flag, .meaning = meaning},
            Audit::usedAt(text, begin));
      }
    }
  }

  void unknown(const Text& text, const Token& token) {
    std::string flag = llvm::StringRef(text.str()).slice(token.begin, token.end).str();
    // The percent sign is all that is new.
    audit_.report(text.at(token.begin, token.end),
                  diag::UnknownFlagOfCycles{.flag = flag, .rendered = "%" + flag.substr(1)},
                  Audit::usedAt(text, token.begin));
  }

  void mangled(const Text& text, const Token& token) {
    std::string word = llvm::StringRef(text.str()).slice(token.begin, token.end).str();
    audit_.report(text.at(token.begin, token.end),
                  diag::MangledPercent{.word = word, .rendered = shown(word)},
                  Audit::usedAt(text, token.begin));
  }

  /// What becomes of a word, between blanks.
  std::string shown(const std::string& word) const {
    return llvm::StringRef(rendered(word + " ", time_)).rtrim(' ').str();
  }

  /// The word around an `@` that is too much: `@Y@@m@`. Gives where it ends. An `@` for itself is
  /// nobody's mistake.
  size_t stray(const Text& text, const std::vector<Token>& tokens, const Token& at) {
    llvm::StringRef all = text.str();
    size_t begin = at.begin, end = at.begin + 1;
    while (begin > 0 && !isBreak(all[begin - 1])) --begin;
    while (end < all.size() && !isBreak(all[end])) ++end;
    bool hasFlag = false, isPlain = true;
    std::string mended;
    for (size_t n = 0; n < tokens.size(); ++n) {
      const Token& token = tokens[n];
      if (token.end <= begin || token.begin >= end) continue;
      llvm::StringRef part = all.slice(std::max(token.begin, begin), std::min(token.end, end));
      bool isBehind = n > 0 && tokens[n - 1].kind == Token::Flag;
      bool isStray = token.kind == Token::At || (token.kind == Token::Unknown && isBehind);
      hasFlag |= token.kind == Token::Flag;
      isPlain &= !isStray || (isBehind && !part.starts_with("@@"));
      mended += isStray ? part.ltrim('@') : part;
    }
    if (!hasFlag) return end;
    std::string word = all.slice(begin, end).str();
    // `@Y@@m@` has every flag between two of them: seen from its flags, it is plain.
    isPlain &= tokensOf(mended).size() > 0 && mended.find("@@") == std::string::npos;
    source::Range place = text.at(begin, end);
    diag::StrayAt report;
    report.word = word;
    report.rendered = shown(word);
    if (isPlain && place.end - place.begin == word.size()) report.fix = diag::Fix{place, mended};
    report.hint = isPlain ? fmt::format(": `{}`", mended)
                          : "; another time is `<cyclestr offset=\"-24:00:00\">@Y@m@d</cyclestr>`";
    audit_.report(place, std::move(report), Audit::usedAt(text, begin));
    return end;
  }

  void arithmetic(const Text& text) {
    static const llvm::Regex kExpr("`[^`]*expr[^`]*@[mdHMjy][^`]*`"),
        kShell("\\$\\(\\([^)]*@[mdHMjy][^)]*\\)\\)"), kLet("\\$\\( *expr[^)]*@[mdHMjy][^)]*\\)");
    llvm::StringRef all = text.str();
    for (const llvm::Regex* pattern : {&kExpr, &kShell, &kLet}) {
      llvm::SmallVector<llvm::StringRef> match;
      for (size_t from = 0; from < all.size() && pattern->match(all.substr(from), &match);) {
        size_t begin = static_cast<size_t>(match[0].data() - all.data()),
               end = begin + match[0].size();
        size_t flag = match[0].find('@');
        std::string what = match[0][flag + 1] == 'd'   ? "a day of the month"
                           : match[0][flag + 1] == 'm' ? "a month"
                                                       : "a part of it";
        audit_.report(text.at(begin, end),
                      diag::ArithmeticOnDates{.word = match[0].str(), .part = what},
                      Audit::usedAt(text, begin));
        from = end;
      }
    }
  }

  void outside(const Text& text) {
    static const llvm::Regex kDate("@(Y|y)@?m?|@m@d|@d@H|@H@M");
    llvm::StringRef all = text.str();
    llvm::SmallVector<llvm::StringRef> match;
    for (size_t from = 0; from < all.size() && kDate.match(all.substr(from), &match);) {
      size_t begin = static_cast<size_t>(match[0].data() - all.data()),
             end = begin + match[0].size();
      while (begin > 0 && !isBreak(all[begin - 1])) --begin;
      while (end < all.size() && !isBreak(all[end])) ++end;
      from = end;
      audit_.report(text.at(begin, end),
                    diag::FlagOutsideCyclestr{.word = all.slice(begin, end).str()},
                    Audit::usedAt(text, begin));
    }
  }

  // ---- variables

  void variables(const Task& task) {
    std::map<std::string, std::pair<source::Range, std::string>> seen;
    for (const auto& [name, value] : task.variables) {
      if (name.isThere) text(name);
      if (value.isThere) text(value);
      std::string known = name.render(time_), is = value.render(time_);
      if (!llvm::Regex("^[A-Za-z_][A-Za-z0-9_]*$").match(known))
        audit_.report(name.at, diag::VariableName{.variable = known});
      if (breaksQuotes(is)) audit_.report(value.at, diag::QuoteInVariable{.variable = known});
      auto [before, isNew] = seen.emplace(known, std::pair{name.at, is});
      if (!isNew && before->second.second != is)
        audit_.report(name.at,
                      diag::VariableTwice{.variable = known, .firstAt = before->second.first});
    }
  }

  /// Whether the value is another one in `'VALUE'` to a shell: a quoted word in it is not.
  static bool breaksQuotes(llvm::StringRef value) {
    if (!value.contains('\'')) return false;
    bool isWord = value.consume_front("'") && value.consume_back("'");
    return !isWord || value.find_first_of("' \t\n\"$`\\;&|<>()*?[#~") != llvm::StringRef::npos;
  }

  Audit& audit_;
  int64_t time_ = kSomeTime;
  std::vector<std::pair<size_t, size_t>> eaten_;
};

}  // namespace

void auditStrings(Audit& audit) { Strings(audit).all(); }

}  // namespace wfc::targets::rocoto::foreign
