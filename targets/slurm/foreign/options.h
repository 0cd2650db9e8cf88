// The options of sbatch, as data: what it knows, what it once knew, and what belongs to srun.
//
// The facts are those of sbatch 22.05, tried one by one, and of the documentation of 24.05 for what
// is newer.
#pragma once

#include <string>
#include <vector>

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace wfc::targets::slurm::foreign {

/// What a value must look like.
enum class Form : uint8_t {
  None,        ///< there is none
  Text,        ///< anything
  Count,       ///< a whole number above 0
  Number,      ///< a whole number
  Nodes,       ///< `2`, `2-4`
  Time,        ///< `30`, `1:30:00`, `2-12`
  Memory,      ///< `4G`, `4000`
  Array,       ///< `0-9:2%4`
  Dependency,  ///< `afterok:1:2,afterany:3`
  Signal,      ///< `B:USR1@60`
  Pattern,     ///< the name of a file, with `%j` and its like
  Gres,        ///< `gpu:h100:2`
  Gpus,        ///< `h100:2`
  Words,       ///< one of a list
  WordList,    ///< some of a list, with commas
};

struct Option {
  llvm::StringRef name;
  char letter = 0;  ///< 0: none
  Form form = Form::Text;
  bool mayLackValue = false;   ///< `--exclusive` or `--exclusive=user`
  bool isNewer = false;        ///< not in 22.05
  llvm::StringRef words = {};  ///< of Words and WordList, between blanks
};

llvm::ArrayRef<Option> options();

/// What a name on a directive stands for.
struct Named {
  const Option* option = nullptr;
  std::vector<llvm::StringRef> several;  ///< of an abbreviation that is short for more than one
};

/// By its whole name or an abbreviation that is short for one alone, as getopt takes them.
Named optionNamed(llvm::StringRef name);
const Option* optionOf(char letter);
/// The nearest name to one that is unknown; empty: none is near.
std::string nearestOption(llvm::StringRef name);

/// An option that is not sbatch's, and what to write instead.
struct Stranger {
  llvm::StringRef name, why, instead;
};
const Stranger* strangerNamed(llvm::StringRef name);

/// Whether a plugin that sites add is known to bring it: Shifter, Pyxis and others.
bool isOfPlugin(llvm::StringRef name);

/// The letters behind `%` in the name of a file.
constexpr llvm::StringRef kPatternLetters = "AaJjNnstuxb";

}  // namespace wfc::targets::slurm::foreign
