// The reader of batch scripts.
#include "targets/slurm/foreign/script.h"

#include <algorithm>

#include "llvm/ADT/StringExtras.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;

namespace {

constexpr StringRef kMarker = "#SBATCH";

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// The options of one directive or command line.
class OptionReader {
 public:
  explicit OptionReader(const std::vector<Word>& words) : words_(words) {}

  std::vector<Given> run(size_t* rest) {
    while (next_ < words_.size()) {
      const Word& word = words_[next_];
      StringRef text(word.text);
      if (rest && !text.starts_with("-")) break;
      ++next_;
      if (text == "--") continue;
      if (text.starts_with("--"))
        longOption(word);
      else if (text.size() > 1 && text.front() == '-')
        shortOptions(word);
      else
        out_.push_back(
            {.fault = Given::Stray, .name = word.text, .at = word.at, .nameAt = word.at});
    }
    if (rest) *rest = next_;
    return std::move(out_);
  }

 private:
  static source::Range part(const Word& word, size_t begin, size_t end) {
    uint32_t last = word.at.end;
    return {word.at.file, std::min(last, word.at.begin + static_cast<uint32_t>(begin)),
            std::min(last, word.at.begin + static_cast<uint32_t>(end))};
  }

  void takeNext(Given& given) {
    if (next_ == words_.size()) {
      given.fault = Given::LacksValue;
      return;
    }
    const Word& value = words_[next_++];
    given.value = value.text;
    given.hasValue = true;
    given.valueAt = value.at;
    given.at.end = value.at.end;
  }

  void longOption(const Word& word) {
    StringRef text = StringRef(word.text).drop_front(2);
    size_t sign = text.find('=');
    Given given;
    given.name = text.substr(0, sign).str();
    given.at = word.at;
    given.nameAt = part(word, 0, 2 + given.name.size());
    if (sign != StringRef::npos) {
      given.hasValue = true;
      given.value = text.substr(sign + 1).str();
      given.valueAt = part(word, 3 + sign, word.at.end - word.at.begin);
    }
    Named named = optionNamed(given.name);
    given.option = named.option;
    if (!named.option) {
      given.fault = named.several.empty() ? Given::Unknown : Given::Ambiguous;
      for (StringRef name : named.several) given.shortFor.push_back(name.str());
    } else if (named.option->form == Form::None) {
      if (given.hasValue) given.fault = Given::SurplusValue;
    } else if (!given.hasValue && !named.option->mayLackValue) {
      takeNext(given);
    }
    out_.push_back(std::move(given));
  }

  void shortOptions(const Word& word) {
    StringRef text(word.text);
    StringRef whole = text.drop_front().take_until([](char c) { return c == '='; });
    const Option* meant = whole.size() > 2 ? optionNamed(whole).option : nullptr;
    if (meant && meant->name == whole) {
      out_.push_back({.fault = Given::SingleDash,
                      .name = whole.str(),
                      .at = word.at,
                      .nameAt = part(word, 0, 1 + whole.size())});
      if (meant->form != Form::None && !text.contains('=') && next_ < words_.size() &&
          !StringRef(words_[next_].text).starts_with("-"))
        ++next_;
      return;
    }
    for (size_t i = 1; i < text.size(); ++i) {
      Given given;
      given.name = std::string(1, text[i]);
      given.at = word.at;
      given.nameAt = i == 1 ? part(word, 0, 2) : part(word, i, i + 1);
      given.option = optionOf(text[i]);
      bool takesValue = given.option && given.option->form != Form::None;
      if (!given.option) {
        given.fault = Given::Unknown;
      } else if (takesValue && i + 1 < text.size()) {
        given.hasValue = true;
        given.value = text.substr(i + 1).str();
        given.valueAt = part(word, i + 1, word.at.end - word.at.begin);
      } else if (takesValue && !given.option->mayLackValue) {
        takeNext(given);
      }
      bool isLast = !given.option || takesValue;
      out_.push_back(std::move(given));
      if (isLast) return;
    }
  }

  const std::vector<Word>& words_;
  size_t next_ = 0;
  std::vector<Given> out_;
};

class ScriptReader {
 public:
  ScriptReader(const source::Sources& sources, source::FileId file) {
    out_.file = file;
    out_.path = sources.path(file);
    out_.text = sources.text(file);
  }

  Script run() {
    firstLine();
    size_t at = 0;
    while (at < out_.text.size() && line(at)) at = end(at) + 1;
    at = std::min(at, out_.text.size());
    if (at < out_.text.size()) out_.firstCommand = out_.range(at, end(at));
    out_.shell = out_.isShell ? ir::readShell(out_.text) : ir::ShellText();
    behind(at);
    return std::move(out_);
  }

 private:
  size_t end(size_t begin) const { return std::min(out_.text.find('\n', begin), out_.text.size()); }

  void firstLine() {
    StringRef line = out_.text.take_until([](char c) { return c == '\n'; });
    if (line.consume_front("#!")) out_.interpreter = line.trim().str();
    StringRef program = StringRef(out_.interpreter).split(' ').first.rsplit('/').second;
    if (program == "env") program = StringRef(out_.interpreter).split(' ').second.ltrim();
    program = program.split(' ').first;
    out_.isShell = out_.interpreter.empty() || program == "bash" || program == "sh" ||
                   program == "dash" || program == "ksh" || program == "zsh";
  }

  /// One line before the first command; false: this is the first command.
  bool line(size_t begin) {
    StringRef text = out_.text.slice(begin, end(begin));
    if (text.starts_with(kMarker)) {
      directive(begin, begin + kMarker.size(), end(begin));
      return true;
    }
    StringRef rest = text.ltrim(" \t\r\f\v");
    if (!rest.empty() && rest.front() != '#') return false;
    if (rest.starts_with("#PBS") || rest.starts_with("#BSUB")) {
      if (rest.size() == text.size()) out_.others.push_back(out_.range(begin, end(begin)));
    } else if (size_t length = nearMiss(rest)) {
      size_t indent = text.size() - rest.size();
      out_.nearMisses.push_back(
          {out_.range(begin, begin + indent + length), out_.range(begin, end(begin))});
    }
    return true;
  }

  /// The length of what should be `#SBATCH`, if an option follows it.
  static size_t nearMiss(StringRef line) {
    size_t dash = line.find('-');
    if (dash == StringRef::npos || dash > 12 || dash + 1 >= line.size()) return 0;
    if (line[dash + 1] != '-' && !llvm::isAlpha(line[dash + 1])) return 0;
    StringRef mark = line.take_front(dash).rtrim(" \t");
    if (mark.count('#') > 1) return 0;  // put out of use on purpose
    StringRef word = mark.ltrim("#! \t");
    bool isNear = word.edit_distance_insensitive("SBATCH", true, 2) <= 2 && word.size() >= 4 &&
                  word == word.upper();
    // `# sbatch --time=5 job.slurm` tells how it is submitted.
    bool isSmall = !isNear && word.equals_insensitive("sbatch") && mark.drop_front() == word;
    return isNear || isSmall ? mark.size() : 0;
  }

  void directive(size_t begin, size_t at, size_t end) {
    out_.directives.push_back(out_.range(begin, end));
    out_.bodyBegin = static_cast<uint32_t>(std::min(end + 1, out_.text.size()));
    // The words of a template are not those of the script that comes of it.
    for (StringRef mark : {"{{", "{%", "<%", "@[", "<your", "<YOUR"})
      if (size_t place = out_.text.slice(at, end).find(mark); place != StringRef::npos) {
        out_.templated.push_back(out_.range(at + place, end));
        return;
      }
    std::vector<Word> words = split(at, end);
    if (!words.empty() && (words[0].text == "hetjob" || words[0].text == "packjob")) {
      ++out_.components;
      // What stands beside it is dropped.
      for (const Word& word : llvm::ArrayRef(words).drop_front())
        out_.given.push_back({.fault = Given::Stray, .name = word.text, .at = word.at});
      return;
    }
    for (Given& given : readOptions(words)) {
      given.component = out_.components - 1;
      out_.given.push_back(std::move(given));
    }
  }

  /// The words of a directive, as sbatch tells them apart.
  std::vector<Word> split(size_t at, size_t end) {
    std::vector<Word> words;
    StringRef text = out_.text;
    while (true) {
      while (at < end && isBlank(text[at])) ++at;
      if (at >= end || text[at] == '#') return words;
      Word word;
      size_t begin = at;
      char quote = 0;
      for (; at < end && (quote || !isBlank(text[at])); ++at) {
        char c = text[at];
        if (c == '\\') {
          if (text.slice(at + 1, end).trim().empty()) {
            out_.continued.push_back(out_.range(at, at + 1));
          } else if (++at < end) {
            word.text += text[at];
          }
        } else if (quote ? c == quote : c == '"' || c == '\'') {
          quote = quote ? 0 : c;
        } else if (!quote && c == '#') {
          out_.cut.push_back(out_.range(begin, at));
          break;
        } else {
          word.text += c;
        }
      }
      word.at = out_.range(begin, at);
      if (quote) out_.unclosed.push_back(word.at);
      // An empty word is none, in quotes or not.
      if (!word.text.empty()) words.push_back(std::move(word));
    }
  }

  /// Directives behind the first command; what is the text of a here-document is none.
  void behind(size_t at) {
    if (out_.isShell) {
      for (auto [begin, stop] : out_.shell.comments)
        if (begin >= at) lateComment(begin, stop);
      return;
    }
    for (; at < out_.text.size(); at = end(at) + 1) lateComment(at, end(at));
  }

  void lateComment(size_t begin, size_t stop) {
    StringRef line = out_.text.slice(begin, stop);
    bool isAtStart = begin == 0 || out_.text[begin - 1] == '\n';
    if (isAtStart && line.starts_with(kMarker) &&
        line.drop_front(kMarker.size()).ltrim().starts_with("-"))
      out_.late.push_back(out_.range(begin, stop));
  }

  Script out_;
};

}  // namespace

std::vector<Given> readOptions(const std::vector<Word>& words, size_t* rest) {
  return OptionReader(words).run(rest);
}

const Given* Script::find(StringRef name, size_t component) const {
  const Given* found = nullptr;
  for (const Given& one : given)
    if (one.option && one.option->name == name && one.component == component &&
        one.fault == Given::None)
      found = &one;
  return found;
}

Script readScript(const source::Sources& sources, source::FileId file) {
  return ScriptReader(sources, file).run();
}

bool looksLikeScript(StringRef path, StringRef text) {
  for (StringRef ending : {".slurm", ".sbatch", ".sl"})
    if (path.ends_with(ending)) return true;
  StringRef rest = text.take_front(1 << 16);
  bool isShell = path.ends_with(".sh") || rest.starts_with("#!");
  while (!rest.empty()) {
    auto [line, after] = rest.split('\n');
    if (line.starts_with(kMarker)) return true;
    StringRef bare = line.ltrim();
    bool submits =
        isShell && !bare.starts_with("#") &&
        (bare.contains("sbatch -") || bare.starts_with("sbatch ") || bare.contains("$(sbatch "));
    if (submits) return true;
    rest = after;
  }
  return false;
}

}  // namespace wfc::targets::slurm::foreign
