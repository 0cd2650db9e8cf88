// See account.h.
#include "runtime/supervise/account.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/base/json.h"

#include "runtime/abi/abi.h"
#include "runtime/attempt/said.h"
#include "runtime/ledger/folder.h"

namespace wfc::supervise {

int exitOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

std::string endOf(int status) {
  if (WIFEXITED(status)) return fmt::format("ended with exit status {}", WEXITSTATUS(status));
  return fmt::format("was killed by signal {} ({})", WTERMSIG(status),
                     ::strsignal(WTERMSIG(status)));
}

namespace {

void writeRank(llvm::json::OStream& json, const Account::Rank& rank) {
  json.attribute("host", rank.host);
  json.attribute("exit", rank.hasEnded ? llvm::json::Value(exitOf(rank.status)) : nullptr);
  json.attribute("cpu_ms", rank.cpuMs);
  json.attribute("rss", rank.rss);
}

void writeGpus(llvm::json::OStream& json, int node, const run::GpuUse& use) {
  json.attribute("node", node);
  base::writeNumber(json, "busy", static_cast<double>(use.busy()) / 1000);
  json.attribute("memory", use.memory());
  json.attribute("joules", use.joules());
}

}  // namespace

std::string Account::json() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  llvm::json::OStream json(out);
  json.object([&] {
    json.attribute("exit", exit);
    json.attribute("cause", cause);
    json.attribute("why", llvm::json::fixUTF8(why));
    json.attribute("slice", isSlice);
    base::writeNumber(json, "seconds", static_cast<double>(ended - began) / 1000);
    json.attributeArray("ranks", [&] {
      for (const Rank& rank : ranks) json.object([&] { writeRank(json, rank); });
    });
    json.attribute("checkpoints", checkpoints);
    if (newest) {
      json.attributeObject("newest", [&] {
        json.attribute("path", llvm::json::fixUTF8(newest->path));
        json.attribute("bytes", static_cast<int64_t>(newest->bytes));
        json.attribute("hash", newest->hash);
        json.attribute("latest", llvm::json::fixUTF8(latest));
      });
    }
    json.attributeArray("gpus", [&] {
      for (const auto& [node, use] : gpus) json.object([&] { writeGpus(json, node, use); });
    });
  });
  return text + "\n";
}

void Account::tellWrapper() const {
  const char* path = std::getenv(std::string(run::abi::kSaid).c_str());
  if (path == nullptr) return;
  run::Said said;
  said.cause = cause;
  said.why = why;
  run::GpuUse all;
  for (const auto& [node, use] : gpus) all.add(use);
  said.gpuBusy = all.busy();
  said.gpuMemory = all.memory();
  said.gpuJoules = all.joules();
  // Those of other nodes are no children of ours.
  for (const Rank& rank : ranks) {
    if (!isSpread) continue;
    said.cpuMs += rank.cpuMs;
    said.rss = std::max(said.rss, rank.rss);
  }
  run::writeWhole(path, said.text());
}

void Account::leave(const Options& options) const {
  if (options.isJson) fmt::print("{}", json());
  std::fflush(stdout);
  if (!options.summary.empty() && !run::writeWhole(options.summary, json()))
    fmt::print(stderr, "wfr: cannot write {}: {}\n", options.summary, std::strerror(errno));
  tellWrapper();
}

}  // namespace wfc::supervise
