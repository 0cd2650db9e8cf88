// A batch script as sbatch reads it: its directives, word by word, and where they end.
//
// Facts (22.05, tried): `#SBATCH` counts at the very beginning of a line, up to the first line that
// is neither blank nor a comment; `#` ends a directive even within a word; quotes and backslashes
// are taken away; `#PBS` and `#BSUB` lines are obeyed, too, and win over `#SBATCH`.
#pragma once

#include <string>
#include <vector>

#include "compiler/ir/shell_reader.h"
#include "compiler/source/sources.h"

#include "targets/slurm/foreign/options.h"

namespace wfc::targets::slurm::foreign {

/// A word of a directive or of a command line.
struct Word {
  std::string text;  ///< without quotes
  source::Range at;
};

/// An option that was given, or what stands where one should.
struct Given {
  enum Fault : uint8_t {
    None,
    Unknown,       ///< no such option
    Ambiguous,     ///< short for several
    SingleDash,    ///< `-time=5`
    LacksValue,    ///< `--time`
    SurplusValue,  ///< `--hold=yes`
    Stray,         ///< a word that belongs to none
  };
  Fault fault = None;
  const Option* option = nullptr;          ///< none if unknown or a stray
  std::string name = {};                   ///< as written, without dashes
  std::vector<std::string> shortFor = {};  ///< of one that is ambiguous
  std::string value = {};
  bool hasValue = false;
  source::Range at = {}, nameAt = {}, valueAt = {};
  size_t component = 0;  ///< of a heterogeneous job
};

/// The options among words, as getopt takes them; with `stopsAtWord` up to the first that is none,
/// whose place is returned by `rest`.
std::vector<Given> readOptions(const std::vector<Word>& words, size_t* rest = nullptr);

/// A line that looks like a directive and is none.
struct NearMiss {
  source::Range at;  ///< of what should be `#SBATCH`
  source::Range line;
};

struct Script {
  source::FileId file = 0;
  llvm::StringRef path, text;
  std::string interpreter;  ///< the whole first line behind `#!`; empty: there is none
  bool isShell = false;
  std::vector<source::Range> directives;  ///< lines
  std::vector<Given> given;
  std::vector<source::Range> templated;  ///< directives with marks of a template in them
  std::vector<source::Range> unclosed;   ///< quotes in directives
  std::vector<source::Range> cut;        ///< words that a `#` within them cuts off
  std::vector<source::Range> continued;  ///< backslashes at the end of directives
  std::vector<source::Range> late;       ///< directives behind the first command
  source::Range firstCommand;            ///< its line; nowhere: there is no command
  std::vector<NearMiss> nearMisses;
  std::vector<source::Range> others;  ///< `#PBS` and `#BSUB` lines
  size_t components = 1;
  uint32_t bodyBegin = 0;  ///< behind the last directive before the first command
  ir::ShellText shell;     ///< of a shell script

  source::Range range(size_t begin, size_t end) const {
    return {file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }
  /// The last one of this name that a component gives; null: none.
  const Given* find(llvm::StringRef option, size_t component = 0) const;
};

Script readScript(const source::Sources& sources, source::FileId file);

/// Whether a text looks like a batch script, or like one that submits some.
bool looksLikeScript(llvm::StringRef path, llvm::StringRef text);

}  // namespace wfc::targets::slurm::foreign
