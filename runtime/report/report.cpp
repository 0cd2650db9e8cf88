// See report.h. One pass over the instances fills the sums of each family; a second one writes
// those that are told one by one.
#include "runtime/report/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>

#include "compiler/base/json.h"
#include "compiler/ir/eval.h"

#include "runtime/backend.h"
#include "runtime/engine/first_needs.h"
#include "runtime/engine/selector.h"
#include "runtime/report/made.h"
#include "runtime/report/stated.h"
#include "runtime/report/told.h"

namespace wfc::run {

namespace {

/// Pieces of time in which attempts at work are counted.
constexpr int kBins = 240;

struct Sums {
  std::map<std::string, int64_t> counts;
  int64_t total = 0, attempts = 0, wallMs = 0, cpuMs = 0, askedCpuMs = 0, nodeMs = 0, gpuMs = 0;
  int64_t rss = 0, read = 0, written = 0, files = 0, bytes = 0, inodes = 0;
  /// What was stated of outputs, and what of those was counted.
  int64_t statedBytes = 0, countedBytes = 0, statedInodes = 0, countedInodes = 0;
  /// Of GPUs that were looked at: their time, what of it they were busy, and more.
  int64_t seenGpuMs = 0, busyGpuMs = 0, gpuMemory = 0, gpuJoules = 0;
  int64_t first = 0, last = 0;
  /// How many took so long, to three digits: a million need no more room than a thousand.
  std::map<int64_t, int64_t> walls;
  int64_t longest = 0;
  Needs needs;
  std::vector<double> busy;
};

double hours(int64_t ms) { return static_cast<double>(ms) / 3600000; }

bool isTold(const Attempt& attempt) { return attempt.n > 0 && attempt.started > 0; }

/// One that is at work is told as far as it has come.
int64_t endOf(const Attempt& attempt, int64_t now) {
  return attempt.hasEnded ? attempt.ended : now;
}

int64_t threeDigits(int64_t number) {
  int64_t unit = 1;
  while (number / unit >= 1000) unit *= 10;
  return (number + unit / 2) / unit * unit;
}

int64_t medianOf(const std::map<int64_t, int64_t>& counts, int64_t total) {
  int64_t before = 0;
  for (auto [value, count] : counts) {
    before += count;
    if (before > total / 2) return value;
  }
  return 0;
}

class Report {
 public:
  explicit Report(const RunView& view)
      : view_(view),
        e_(*view.engine),
        m_(view.plan->module()),
        now_(nowMs()),
        sums_(m_.families.size()) {
    for (uint32_t f = 0; f < sums_.size(); ++f) sums_[f].busy.resize(kBins);
    e_.forEach([&](InstanceId id) { add(id); });
    e_.forEach([&](InstanceId id) { addBusy(id); });
  }

  void write(llvm::json::OStream& json, size_t most) {
    json.object([&] {
      writeHead(json);
      json.attributeArray("families", [&] {
        for (uint32_t f = 0; f < sums_.size(); ++f)
          if (sums_[f].total > 0) writeFamily(json, f);
      });
      json.attribute("from", from_);
      json.attribute("to", to_);
      writeInstances(json, most);
    });
  }

 private:
  void add(InstanceId id) {
    Sums& sums = sums_[id.family];
    ++sums.total;
    ++sums.counts[stateName(e_.state().at(id)).str()];
    for (const Attempt& attempt : e_.attemptsOf(id)) {
      if (!isTold(attempt)) continue;
      int64_t end = endOf(attempt, now_), wall = std::max<int64_t>(0, end - attempt.started);
      Details details = e_.detailsOf(attempt);
      Needs needs = e_.needsOf(id, attempt.n);
      if (sums.attempts++ == 0) sums.needs = needs;
      sums.wallMs += wall;
      ++sums.walls[threeDigits(wall)];
      sums.longest = std::max(sums.longest, wall);
      sums.nodeMs += wall * needs.nodes;
      addGpus(sums, wall * needs.nodes * needs.gpus, details);
      sums.askedCpuMs += wall * coresOf(needs);
      sums.cpuMs += details.cpuMs;
      sums.rss = std::max(sums.rss, details.rss);
      sums.read += details.read;
      sums.written += details.written;
      // Those from before it was taken back are no more.
      if (attempt.isPast) details.outputs.clear();
      for (const Details::Output& output : details.outputs) addOutput(sums, id, output);
      sums.first = sums.first == 0 ? attempt.started : std::min(sums.first, attempt.started);
      sums.last = std::max(sums.last, end);
      from_ = from_ == 0 ? attempt.started : std::min(from_, attempt.started);
      to_ = std::max(to_, end);
    }
  }

  static void addGpus(Sums& sums, int64_t ms, const Details& details) {
    sums.gpuMs += ms;
    if (details.gpuMemory == 0) return;
    sums.seenGpuMs += ms;
    sums.busyGpuMs += ms * details.gpuBusy / 1000;
    sums.gpuMemory = std::max(sums.gpuMemory, details.gpuMemory);
    sums.gpuJoules += details.gpuJoules;
  }

  static void writeGpus(llvm::json::OStream& json, const Sums& sums) {
    if (sums.seenGpuMs == 0) return;
    json.attribute("seen_gpu_ms", sums.seenGpuMs);
    json.attribute("busy_gpu_ms", sums.busyGpuMs);
    json.attribute("gpu_memory", sums.gpuMemory);
    json.attribute("gpu_joules", sums.gpuJoules);
  }

  void addOutput(Sums& sums, InstanceId id, const Details::Output& output) {
    ++sums.files;
    sums.bytes += static_cast<int64_t>(output.bytes);
    sums.inodes += static_cast<int64_t>(output.inodes);
    Stated stated = statedOf(e_, id, output);
    if (stated.bytes) {
      sums.statedBytes += *stated.bytes;
      sums.countedBytes += static_cast<int64_t>(output.bytes);
    }
    if (stated.inodes) {
      sums.statedInodes += *stated.inodes;
      sums.countedInodes += static_cast<int64_t>(output.inodes);
    }
  }

  /// How many of the family were at work, on average, in each piece of time.
  void addBusy(InstanceId id) {
    double width = std::max(1.0, static_cast<double>(to_ - from_) / kBins);
    for (const Attempt& attempt : e_.attemptsOf(id)) {
      if (!isTold(attempt)) continue;
      double begin = static_cast<double>(attempt.started - from_) / width;
      double end = static_cast<double>(endOf(attempt, now_) - from_) / width;
      for (int n = static_cast<int>(begin); n < kBins && n < end; ++n)
        sums_[id.family].busy[static_cast<size_t>(n)] +=
            std::max(0.0, std::min(end, n + 1.0) - std::max(begin, static_cast<double>(n)));
    }
  }

  void writeHead(llvm::json::OStream& json) {
    std::map<std::string, int64_t> counts;
    Sums all;
    for (uint32_t f = 0; f < sums_.size(); ++f) {
      if (m_.families[f].role != ir::Family::Hook)
        for (const auto& [state, count] : sums_[f].counts) counts[state] += count;
      all.attempts += sums_[f].attempts;
      all.nodeMs += sums_[f].nodeMs;
      all.gpuMs += sums_[f].gpuMs;
      all.askedCpuMs += sums_[f].askedCpuMs;
      all.cpuMs += sums_[f].cpuMs;
      all.files += sums_[f].files;
      all.bytes += sums_[f].bytes;
      all.inodes += sums_[f].inodes;
    }
    json.attribute("run", view_.run);
    json.attribute("flow", view_.header.flow);
    json.attribute("target", view_.header.target);
    json.attribute("state", stateOfRun(view_));
    json.attribute("artifact", view_.header.artifact);
    json.attribute("project", view_.header.project);
    json.attribute("created", ir::instantText(view_.header.created / 1000));
    json.attributeArray("sources", [&] {
      for (const std::string& file : m_.files) json.value(file);
    });
    json.attributeObject("counts", [&] {
      for (const auto& [state, count] : counts) json.attribute(state, count);
    });
    json.attribute("attempts", all.attempts);
    base::writeNumber(json, "node_hours", hours(all.nodeMs));
    base::writeNumber(json, "gpu_hours", hours(all.gpuMs));
    base::writeNumber(json, "cpu_hours_asked", hours(all.askedCpuMs));
    base::writeNumber(json, "cpu_hours_used", hours(all.cpuMs));
    json.attribute("files", all.files);
    json.attribute("bytes", all.bytes);
    json.attribute("inodes", all.inodes);
  }

  void writeFamily(llvm::json::OStream& json, uint32_t f) {
    const ir::Family& family = m_.families[f];
    Sums& sums = sums_[f];
    json.object([&] {
      json.attribute("name", family.name);
      json.attribute("role", family.role == ir::Family::Hook   ? "hook"
                             : family.role == ir::Family::Wait ? "wait"
                                                               : "work");
      json.attribute("source", place(m_, family.loc));
      json.attribute("text", llvm::json::fixUTF8(family.text));
      json.attribute("total", sums.total);
      json.attributeObject("counts", [&] {
        for (const auto& [state, count] : sums.counts) json.attribute(state, count);
      });
      json.attributeArray("reads", [&] {
        for (const std::string& name : producersOf(f)) json.value(name);
      });
      json.attribute("attempts", sums.attempts);
      json.attribute("first", sums.first);
      json.attribute("last", sums.last);
      json.attributeObject("asked", [&] { writeNeeds(json, sums.needs); });
      json.attributeObject("used", [&] {
        json.attribute("wall_ms", sums.wallMs);
        json.attribute("median_ms", medianOf(sums.walls, sums.attempts));
        json.attribute("longest_ms", sums.longest);
        json.attribute("cpu_ms", sums.cpuMs);
        json.attribute("asked_cpu_ms", sums.askedCpuMs);
        json.attribute("rss", sums.rss);
        json.attribute("read", sums.read);
        json.attribute("written", sums.written);
        writeGpus(json, sums);
      });
      base::writeNumber(json, "node_hours", hours(sums.nodeMs));
      base::writeNumber(json, "gpu_hours", hours(sums.gpuMs));
      json.attribute("files", sums.files);
      json.attribute("bytes", sums.bytes);
      json.attribute("inodes", sums.inodes);
      json.attributeObject("stated", [&] {
        if (sums.statedBytes > 0) {
          json.attribute("bytes", sums.statedBytes);
          json.attribute("counted_bytes", sums.countedBytes);
        }
        if (sums.statedInodes > 0) {
          json.attribute("inodes", sums.statedInodes);
          json.attribute("counted_inodes", sums.countedInodes);
        }
      });
      json.attributeArray("busy", [&] {
        for (double busy : sums.busy) base::writeNumber(json, std::round(busy * 100) / 100);
      });
    });
  }

  static void writeNeeds(llvm::json::OStream& json, const Needs& needs) {
    json.attribute("nodes", needs.nodes);
    json.attribute("cpus", coresOf(needs));
    json.attribute("gpus", needs.gpus);
    json.attribute("memory", needs.memory);
    json.attribute("time_ms", needs.timeMs);
  }

  std::set<std::string> producersOf(uint32_t f) const {
    std::set<std::string> names;
    for (uint32_t producer = 0; producer < m_.families.size(); ++producer) {
      for (auto [reader, ref] : view_.plan->readers(producer))
        if (reader.index() == f && producer != f) names.insert(m_.families[producer].name);
    }
    return names;
  }

  void writeInstances(llvm::json::OStream& json, size_t most) {
    Told told(e_, most);
    json.attribute("left_out", told.leftOut());
    json.attributeArray("instances",
                        [&] { told.forEach([&](InstanceId id) { writeInstance(json, id); }); });
  }

  void writeInstance(llvm::json::OStream& json, InstanceId id) {
    std::vector<Attempt> attempts = e_.attemptsOf(id);
    const Instance& instance = e_.state().at(id);
    json.object([&] {
      json.attribute("id", e_.idOf(id));
      json.attribute("family", m_.families[id.family].name);
      json.attribute("state", stateName(instance));
      if (instance.phase == Phase::Ended && stateName(instance) == "failed")
        json.attribute("cause", ir::name(instance.outcome));
      json.attributeArray("attempts", [&] {
        for (const Attempt& attempt : attempts)
          if (isTold(attempt)) writeAttempt(json, attempt);
      });
      if (attempts.empty()) return;
      Details details = e_.detailsOf(attempts.back());
      if (!details.why.empty() && !attempts.back().isPast)
        json.attribute("why", llvm::json::fixUTF8(details.why));
      writeMade(json, e_, id);
    });
  }

  void writeAttempt(llvm::json::OStream& json, const Attempt& attempt) {
    Details details = e_.detailsOf(attempt);
    json.object([&] {
      json.attribute("n", attempt.n);
      json.attribute("outcome", attempt.hasEnded ? ir::name(attempt.outcome) : "running");
      json.attribute("start", attempt.started);
      json.attribute("end", endOf(attempt, now_));
      if (attempt.slice) json.attribute("slice", true);
      if (attempt.uncounted) json.attribute("uncounted", true);
      if (attempt.isPast) json.attribute("past", true);
      json.attribute("cpu_ms", details.cpuMs);
      json.attribute("rss", details.rss);
      if (details.gpuMemory > 0) {
        base::writeNumber(json, "gpu_busy", static_cast<double>(details.gpuBusy) / 1000);
        json.attribute("gpu_memory", details.gpuMemory);
        json.attribute("gpu_joules", details.gpuJoules);
      }
      if (!details.node.empty()) json.attribute("node", details.node);
      if (!details.job.empty()) json.attribute("job", details.job);
    });
  }

  const RunView& view_;
  const Engine& e_;
  const ir::Module& m_;
  int64_t now_, from_ = 0, to_ = 0;
  std::vector<Sums> sums_;
};

}  // namespace

llvm::StringRef stateOfRun(const RunView& view) {
  if (view.engine->state().isClosed) return "ended";
  std::optional<std::string> lease = readFile(fmt::format("{}/{}", view.run, abi::kLeaseFile));
  std::optional<ProcessName> holder =
      lease ? ProcessName::parse(lease->substr(0, lease->find('\n'))) : std::nullopt;
  if (holder && lives(*holder) != 0) return "running";
  if (view.engine->state().isStopped) return "stopped";
  const Backend* backend = findBackend(view.header.target);
  // Where only a living controller goes on with it, and that did not put its lease down.
  if (holder && backend != nullptr && backend->wish == nullptr) return "left";
  return view.engine->counts().running > 0 ? "running" : "waiting";
}

std::string howItGoesOn(const RunView& view) {
  llvm::StringRef state = stateOfRun(view);
  const Backend* backend = findBackend(view.header.target);
  bool isLeftAlone = state == "waiting" && backend != nullptr && backend->wish == nullptr;
  const char* why = state == "left"      ? "its controller is gone"
                    : state == "stopped" ? "it was stopped"
                    : isLeftAlone        ? "nobody works on it"
                                         : "";
  return *why ? fmt::format("{}; `wfr start` with the same folders goes on", why) : "";
}

void writeReport(llvm::raw_ostream& out, const RunView& view, size_t most) {
  llvm::json::OStream json(out);
  Report(view).write(json, most);
}

}  // namespace wfc::run
