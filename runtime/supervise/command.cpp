// The words of `wfr supervise`.
#include "runtime/supervise/command.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/base/words.h"

#include "runtime/abi/abi.h"
#include "runtime/move/given.h"
#include "runtime/supervise/options.h"

namespace wfc::supervise {

std::string Seat::text() const {
  auto word = [](const std::string& text) { return text.empty() ? "-" : text; };
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}", ranks, perNode, nodes, word(address),
                     port, word(rankIn), word(localIn), word(nodeIn), isOwnGpu ? 1 : 0, graceMs,
                     sampleMs, secrets);
}

std::optional<Seat> Seat::parse(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> words;
  text.split(words, ' ');
  Seat seat;
  unsigned isOwn = 0;
  if (words.size() != 12 || words[0].getAsInteger(10, seat.ranks) ||
      words[1].getAsInteger(10, seat.perNode) || words[2].getAsInteger(10, seat.nodes) ||
      words[4].getAsInteger(10, seat.port) || words[8].getAsInteger(10, isOwn) ||
      words[9].getAsInteger(10, seat.graceMs) || words[10].getAsInteger(10, seat.sampleMs) ||
      words[11].getAsInteger(10, seat.secrets))
    return std::nullopt;
  auto plain = [](llvm::StringRef word) { return word == "-" ? "" : word.str(); };
  seat.address = plain(words[3]);
  seat.rankIn = plain(words[5]);
  seat.localIn = plain(words[6]);
  seat.nodeIn = plain(words[7]);
  seat.isOwnGpu = isOwn == 1;
  return seat;
}

llvm::ArrayRef<base::Flag> flags() {
  static const std::vector<base::Flag> table = {
      {"--ranks", "N", "processes on each node; one a GPU if nothing is said, or as many as tasks"},
      {"--own-gpu", "",
       "each rank sees its own GPUs only; else all of the node, LOCAL_RANK says which"},
      {"--mpi", "TYPE", "ranks speak MPI: the scheduler starts them so, as in pmi2 or pmix"},
      {"--checkpoint", "PATTERN…",
       "files or folders that the program saves, as in 'ckpt/step-*.pt'; else $WFR_CHECKPOINT"},
      {"--latest", "LINK", "which name is to lead to the newest; else `latest` beside them"},
      {"--settle", "TIME", "a checkpoint is whole when it has kept still that long (5s)"},
      {"--heartbeat", "TIME",
       "hung is who for that long prints, saves and computes nothing; who computes is slow, and "
       "goes on"},
      {"--silence", "TIME",
       "hung is who for that long prints and saves nothing, whatever it computes"},
      {"--nan", "N", "so many losses in a row that are not a number end it (3); 0: none do"},
      {"--grace", "TIME", "between the request to end and the kill (10s)"},
      {"--sample", "TIME", "how often CPUs and GPUs are looked at (10s)"},
      {"--summary", "FILE", "what became of it, as JSON"},
      {"--json", "", "the same on standard output; what ranks print goes to standard error"}};
  return table;
}

namespace {

int wrong(const std::string& text) {
  fmt::print(stderr, "wfr: {}\n", text);
  return run::abi::WrongUse;
}

static_assert(NotANumber == 65 && Hung == 124, "kHelp says so");

int help() {
  fmt::print("wfr supervise [FLAG]… -- COMMAND…\n\n{}\n\n{}\n\n{}", kSummary, kHelp,
             base::helpOn(flags()));
  return run::abi::Good;
}

/// Reads a time, if it was given. False: it is none.
bool readTime(const base::Given& given, const char* flag, int64_t& ms) {
  if (!given.has(flag)) return true;
  std::optional<double> seconds = move::readSeconds(given.get(flag));
  if (seconds) ms = static_cast<int64_t>(*seconds * 1000);
  return seconds.has_value();
}

std::string readOptions(const base::Given& given, Options& options) {
  const std::pair<const char*, int64_t*> times[] = {{"--settle", &options.settleMs},
                                                    {"--heartbeat", &options.heartbeatMs},
                                                    {"--silence", &options.silenceMs},
                                                    {"--grace", &options.graceMs},
                                                    {"--sample", &options.sampleMs}};
  for (auto [flag, ms] : times) {
    if (!readTime(given, flag, *ms)) return fmt::format("`{}` is a time, as in 30s or 10min", flag);
  }
  options.sampleMs = std::max<int64_t>(options.sampleMs, 100);
  // A hang is not told by two looks far apart.
  if (options.heartbeatMs > 0)
    options.sampleMs = std::clamp<int64_t>(options.heartbeatMs / 4, 100, options.sampleMs);
  if (given.has("--ranks") &&
      (llvm::StringRef(given.get("--ranks")).getAsInteger(10, options.ranks) ||
       options.ranks == 0 || options.ranks > 4096))
    return "`--ranks` is a number from 1 to 4096";
  if (given.has("--nan") && llvm::StringRef(given.get("--nan")).getAsInteger(10, options.nans))
    return "`--nan` is a number; 0 lets it go on";
  options.isOwnGpu = given.has("--own-gpu");
  options.mpi = given.get("--mpi");
  options.checkpoints = given.listOf("--checkpoint");
  const char* own = std::getenv(std::string(run::abi::kCheckpoint).c_str());
  if (options.checkpoints.empty() && own != nullptr) options.checkpoints = {own};
  options.latest = given.get("--latest");
  options.isJson = given.has("--json");
  if (given.has("--summary"))
    options.summary = std::filesystem::absolute(given.get("--summary")).string();
  options.command = given.rest;
  if (!given.words.empty())
    return fmt::format("`{}` stands where flags do; the command comes after `--`", given.words[0]);
  return options.command.empty() ? "no command is given: wfr supervise [FLAG]… -- COMMAND…" : "";
}

}  // namespace

int runCommand(llvm::ArrayRef<std::string> args) {
  if (args.size() > 3 && args[0] == "--seat" && args[2] == "--") {
    std::optional<Seat> seat = Seat::parse(args[1]);
    return seat ? sit(*seat, args.drop_front(3)) : wrong("this is no seat");
  }
  base::Given given;
  std::string problem = base::readWords("wfr supervise", flags(), args, given);
  if (!problem.empty()) return wrong(problem);
  if (given.wantsHelp) return help();
  Options options;
  problem = readOptions(given, options);
  return problem.empty() ? lead(options) : wrong(problem);
}

}  // namespace wfc::supervise
