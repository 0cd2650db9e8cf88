// Everything one attempt needs, evaluated: the wrapper (run.h) sees no plan and no ledger. A job
// can be sent to another process.
//
// Paths are absolute. Texts of a body's holes are values, not yet quoted: quoting is the wrapper's
// (script.h).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "runtime/engine/engine.h"

namespace wfc::run {

/// One variable of a body.
struct Variable {
  std::string name;
  std::string text;                ///< of a scalar
  std::vector<std::string> words;  ///< of a list
  std::string json;                ///< of a Python body, whatever its type
  bool isList = false;
  bool isUnset = false;  ///< an option without a value
};

/// A body, or a check: its code, in which holes are variables, and those.
struct Script {
  uint8_t language = 0;  ///< ir::Body::Language
  std::string text;
  std::vector<Variable> variables;
};

struct JobOutput {
  uint32_t output = 0;
  std::string name;
  std::string place;  ///< where it ends up
  std::string work;   ///< where the body writes it
  std::string
      record;  ///< place as the ledger names it: relative to the run's folder, unless absolute
  bool isDir = false, isSet = false, isCheckpoint = false;
  bool isOnNode = false;      ///< `place` and `work` lie on the node's own disk
  std::string pattern;        ///< of a set
  std::vector<uint8_t> keys;  ///< ir::Type::Kind of each hole of the pattern
  std::string magic, probe, schema;
};

struct JobSmall {
  uint32_t output = 0;
  std::string name;
  std::string from;  ///< the JSON file it is read from
  uint8_t kind = 0;  ///< ir::Type::Kind, for the check of the JSON
  bool isOption = false;
};

struct JobFill {
  std::string from, to;
  std::map<std::string, std::string> fields;
};

struct JobCheck {
  int64_t everyMs = 0, afterMs = 0;
  Script script;
};

/// A variable, and the command that prints its value.
struct JobSecret {
  std::string variable, command;
  int64_t lifeMs = 0;  ///< what it printed is good for so long; 0: not said
};

struct JobMount {
  std::string path;
  bool isWritable = false;
};

/// A node that has a copy, or is getting one, and gives it to others.
struct JobPeer {
  std::string node;
  std::string peer;  ///< as `wfr move relay` asks it
};

/// Something that every node which reads it has a copy of.
struct JobCopy {
  std::string of;  ///< the instance that made it
  std::string from, to;
  bool isPacked = false;  ///< `from` is an archive of the folder
  std::string hash;       ///< of `from`
  uint64_t bytes = 0;
  std::string name;            ///< of `to`, below the node's folder
  bool isGivenOn = false;      ///< this node gives it to others
  std::vector<JobPeer> peers;  ///< whom to ask for it, nearest first
  /// What goes from node to node: the archive, beside the folder that it becomes.
  std::string whole(const std::string& path) const { return path + (isPacked ? ".zip" : ""); }
};

/// Something that it reads: a file or a folder.
struct JobInput {
  std::string path;
  /// As the ledger knows it; empty: to be looked at.
  std::string hash;
  /// A plain path, no artifact: of a folder only its name counts.
  bool isPath = false;
};

/// What an attempt before made, which may stand if the recipe comes out the same (recipe.h).
struct JobKept {
  uint32_t attempt = 0;  ///< 0: nothing
  std::string wanted;    ///< hash of the recipe and its inputs by which it was made
  std::string recipe;    ///< as it is now
  std::vector<JobInput> inputs;
  uint8_t outcome = 0;  ///< ir::Outcome
  std::string outside;  ///< Ending::inputs
  struct Output {
    uint32_t output = 0;
    uint64_t bytes = 0;
    std::string hash;
    uint64_t inodes = 1;
  };
  std::vector<Output> outputs;
  std::vector<std::pair<uint32_t, std::string>> values;
};

struct Job {
  std::string instance;
  uint32_t attempt = 1;
  std::string run, project, work, log;  ///< folders and the log's file
  Script script;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<JobSecret> secrets;
  std::vector<std::string> modules;
  std::string conda, container;
  std::vector<JobMount> mounts;
  std::vector<JobCopy> copies;    ///< to be on this node before the body begins
  std::string nodeWork;           ///< its work folder on the node's disk; empty: it has none
  std::vector<JobInput> outside;  ///< what it reads that no instance made
  JobKept kept;
  std::vector<JobOutput> outputs;
  std::vector<JobSmall> smalls;
  std::vector<JobFill> fills;
  std::vector<JobCheck> checks;
  std::map<int, uint8_t> exits;  ///< exit status -> ir::Outcome
  int64_t timeMs = 0, graceMs = 10000, leadMs = 0, memory = 0;
  bool isTimeSlice = false;  ///< resume: the end of the time may be a slice
  bool wantsTmp = false;     ///< the body uses its scratch folder
  std::string containers;    ///< docker, podman or apptainer; empty: whichever is there
  std::string gpus;          ///< CUDA_VISIBLE_DEVICES; empty: not set
  bool asksGpus = false;     ///< what they do is looked at
  std::string ray;           ///< RAY_ADDRESS: the cluster of its pool; empty: it has none
  std::string spare;         ///< a work folder of an attempt that is over, to be used again
};

/// Evaluates what the plan says for an attempt. Empty error, or why not (then the attempt is
/// failed).
std::string makeJob(const Engine& engine, const std::string& run, const std::string& project,
                    const Launch& launch, Job& job);

/// The job as its recipe sees it, whatever attempt comes next: the first one's. `kept.inputs` are
/// all that it reads, with the hashes that the ledger knows.
std::string makeRecipeJob(const Engine& engine, const std::string& run, const std::string& project,
                          InstanceId instance, Job& job);

/// To and from bytes, for a socket.
std::string pack(const Job& job);
bool unpack(llvm::StringRef bytes, Job& job);

}  // namespace wfc::run
