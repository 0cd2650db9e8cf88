// Tasks of a module: artifact kinds, inputs and outputs, needs, retries, and the body with its
// holes.
#pragma once

#include <map>

#include "compiler/ir/expr.h"

namespace wfc::ir {

/// An artifact kind.
struct Kind {
  std::string name;
  bool isDir = false;
  std::string extension;    ///< without the dot; may be empty
  std::vector<Field> keys;  ///< fields of a member of a set, read from the file's pattern
  std::string magic;        ///< probe: the file's first bytes
  std::string probe;        ///< probe: shell command, `$path` is the file
  std::string schema;       ///< probe: JSON schema file
  std::map<std::string, std::string> attrs;  ///< dtype, nodata, crs, bands, rows …, as text
  Loc loc;
};

struct Input {
  std::string name;
  TypeId type{};
  bool many = false;     ///< `T...` or `T*`: the type is a list
  bool some = false;     ///< `T...`: an empty list is unmet
  bool removes = false;  ///< an operation that removes this input after verified success (archive)
};

struct Output {
  std::string name;
  TypeId type{};        ///< an Artifact or a Set; else a small value read from the JSON at `values`
  ExprId path{};        ///< explicit template (over inputs), or invalid: derived
  std::string pattern;  ///< of a Set: `<z>/<x>/<y>.gpkg`
  ExprId size{};        ///< forecast, for budgets and plans
  ExprId files{};       ///< of a folder or set: forecast of how many files, for plans
  bool small = false;   ///< a value, not a file
  std::string valuesFlag;  ///< small output of a program: the JSON file it is read from is this
                           ///< hidden output's (Output `small`=false)
  Loc loc;
};

struct Need {
  std::string key;  ///< nodes tasks cpus gpus memory time disk licences exclusive partition qos
                    ///< account feature (as often as it likes: `a|b`, of which nodes have one at
                    ///< least) ray (of pools: the program that makes its cluster)
  ExprId value{};
  std::string of;  ///< gpu model, licence name
  Loc loc;
};

struct Growth {
  std::string key;
  bool multiply = true;  ///< else add
  ExprId by{};
};

struct Retry {
  int64_t count = 0;
  std::vector<Outcome> causes;
  std::vector<Growth> growths;
  int64_t delayMs = 0;
  double growing = 1;
  Loc loc;
};

struct Resume {
  int output = -1;     ///< index of the checkpoint output; -1: the task does not resume
  int64_t leadMs = 0;  ///< SIGUSR1 that long before the end of the time
  int64_t slices = 1;
  Loc loc;
};

/// One hole of a body: the variable that carries it into the script.
struct Hole {
  std::string variable;  ///< unique in the body, a valid shell and Python name
  ExprId value{};
  bool raw = false;       ///< unquoted
  bool list = false;      ///< one word per element (a bash array)
  bool optional = false;  ///< the value may be none: the variable is then unset, the text is
                          ///< `${name+FLAG "$name"}`
  bool isSwitch = false;  ///< a Bool flag: set when true, the text is `${name+FLAG}`
  std::string flag;  ///< of optional and switch; for lists of a repeated flag: the array is flag,
                     ///< element, flag, element …
};

/// A piece of a body: text, or a hole (index into holes).
struct Piece {
  std::string text;
  int hole = -1;
};

struct Body {
  enum Language : uint8_t { Sh, Bash, Python };
  Language language = Sh;
  std::vector<Piece> pieces;
  std::vector<Hole> holes;
  Loc loc;
};

struct Check {
  int64_t everyMs = 0, afterMs = 0;
  Body body;
};

struct EnvVar {
  std::string name;
  ExprId value{};
};

struct Fill {
  ExprId from{}, with{};
};

struct Task {
  std::string name;
  std::string doc;
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  bool noData = false;
  std::vector<Need> needs;
  std::vector<EnvVar> env;
  std::vector<std::string> modules;
  std::string conda;
  ExprId container{};
  std::vector<Retry> retries;
  Resume resume;
  std::map<int, Outcome> exits;
  std::vector<Fill> fills;
  Body body;
  std::vector<Check> checks;
  std::vector<Hole>
      secrets;  ///< holes of type Secret: value is the source command (text), fetched before use
  Loc loc;
};

}  // namespace wfc::ir
