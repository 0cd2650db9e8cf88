// The attempts of instances. What one left beyond its outcome stays where it was read: a million
// attempts keep a number each, and most of them nothing else (Instance::isPlain). Only records that
// came from nowhere that lasts are kept as lines of our own.
#include <algorithm>

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/Support/StringSaver.h>

#include "runtime/engine/impl.h"

namespace wfc::run {

namespace {

/// Lines of our own are told by a bit that no place in a ledger has.
constexpr uint64_t kOwnLine = uint64_t(1) << 63;

std::vector<Details::Copy> copiesIn(llvm::StringRef text) {
  std::vector<Details::Copy> copies;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines) {
    llvm::SmallVector<llvm::StringRef> words;
    line.split(words, ' ', -1, false);
    Details::Copy& copy = copies.emplace_back();
    copy.of = words.front().str();
    for (llvm::StringRef word : llvm::drop_begin(words)) {
      auto [node, number] = word.rsplit(':');
      uint64_t bytes = 0;
      (void)number.getAsInteger(10, bytes);
      copy.from.emplace_back(node == "-" ? "" : node.str(), bytes);
    }
  }
  return copies;
}

}  // namespace

uint64_t Engine::Impl::keep(const Record& record) {
  if (record.place != 0) return record.place;
  std::string line = encode(record);
  line.pop_back();
  return kOwnLine | reinterpret_cast<uint64_t>(llvm::StringSaver(arena).save(line).data());
}

std::string Engine::Impl::lineOf(const Attempt& attempt) const {
  if ((attempt.line & kOwnLine) != 0)
    return reinterpret_cast<const char*>(attempt.line & ~kOwnLine);
  return attempt.line != 0 && lines ? lines(attempt.line) : "";
}

Attempt& Engine::Impl::addAttempt(InstanceId id) {
  uint32_t at = freeAttempt;
  if (at == kNone) {
    at = static_cast<uint32_t>(state.attempts.size());
    state.attempts.emplace_back();
  } else {
    freeAttempt = state.attempts[at].previous;
    state.attempts[at] = Attempt();
  }
  state.families[id.family].lasts.setAttempt(id.iteration, at);
  return state.attempts[at];
}

uint32_t Engine::Impl::headOf(InstanceId id) const {
  return state.at(id).isPlain ? kNone : state.families[id.family].lasts.attempt(id.iteration);
}

void Engine::Impl::compact(InstanceId id) {
  Instance& instance = state.at(id);
  uint32_t at = headOf(id);
  if (instance.phase != Phase::Ended || at == kNone) return;
  Attempt& attempt = state.attempts[at];
  bool isGood = instance.outcome == ir::Outcome::Ok && attempt.n == 1 && attempt.started != 0;
  bool isSettled = attempt.n == 0 && (instance.outcome == ir::Outcome::Skipped ||
                                      instance.outcome == ir::Outcome::Cancelled);
  if (!(isGood || isSettled) || attempt.previous != kNone || attempt.isPast || attempt.line == 0 ||
      (attempt.line & kOwnLine) != 0 || kept.contains(at))
    return;
  if (!state.families[id.family].lasts.setLine(id.iteration, attempt.line)) return;
  instance.isPlain = true;
  attempt.previous = freeAttempt;
  freeAttempt = at;
}

Attempt Engine::Impl::plainOf(InstanceId id) const {
  Attempt attempt;
  attempt.n = state.at(id).outcome == ir::Outcome::Ok ? 1 : 0;
  attempt.hasEnded = attempt.n > 0;
  attempt.line = state.families[id.family].lasts.line(id.iteration);
  return attempt;
}

Attempt Engine::Impl::wholeOf(InstanceId id) const {
  Attempt attempt = plainOf(id);
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  Record record;
  std::string line = lineOf(attempt);
  if (attempt.n == 0 || line.empty() || !decode(line, record, saver)) return attempt;
  attempt.exit = static_cast<int16_t>(record.exit);
  attempt.signal = static_cast<int16_t>(record.signal);
  attempt.started = record.started;
  attempt.ended = record.ended;
  return attempt;
}

void Engine::Impl::expand(InstanceId id) {
  Instance& instance = state.at(id);
  if (!instance.isPlain) return;
  Attempt attempt = wholeOf(id);
  instance.isPlain = false;
  addAttempt(id) = attempt;
}

std::optional<Attempt> Engine::Impl::lastOf(InstanceId id) const {
  if (state.at(id).isPlain) return plainOf(id);
  uint32_t at = headOf(id);
  if (at == kNone || state.attempts[at].isPast) return std::nullopt;
  return state.attempts[at];
}

uint32_t Engine::Impl::numberOf(InstanceId id) const {
  if (state.at(id).isPlain) return plainOf(id).n;
  uint32_t most = 0;
  for (uint32_t at = headOf(id); at != kNone; at = state.attempts[at].previous)
    most = std::max(most, state.attempts[at].n);
  return most;
}

bool Engine::Impl::isVoid(InstanceId id, uint32_t n) const {
  for (uint32_t at = headOf(id); n > 0 && at != kNone; at = state.attempts[at].previous) {
    if (state.attempts[at].isPast && state.attempts[at].n >= n) return true;
  }
  return false;
}

std::vector<Attempt> Engine::attemptsOf(InstanceId id) const {
  if (impl_->state.at(id).isPlain) return {impl_->wholeOf(id)};
  std::vector<Attempt> attempts;
  const State& state = impl_->state;
  for (uint32_t at = impl_->headOf(id); at != kNone; at = state.attempts[at].previous)
    attempts.push_back(state.attempts[at]);
  std::reverse(attempts.begin(), attempts.end());
  return attempts;
}

std::vector<std::pair<InstanceId, Attempt>> Engine::endedLast(size_t most) const {
  // By line: records are appended as attempts end.
  std::map<uint64_t, std::pair<InstanceId, Attempt>> last;
  auto consider = [&](InstanceId id, const Attempt& attempt) {
    bool isOne = attempt.n > 0 && attempt.hasEnded && !attempt.isPast;
    if (!isOne || (last.size() == most && attempt.line < last.begin()->first)) return;
    last.insert({attempt.line, {id, attempt}});
    if (last.size() > most) last.erase(last.begin());
  };
  forEach([&](InstanceId id) {
    if (impl_->state.at(id).isPlain) return consider(id, impl_->plainOf(id));
    for (const Attempt& attempt : attemptsOf(id)) consider(id, attempt);
  });
  std::vector<std::pair<InstanceId, Attempt>> found;
  for (const auto& [line, one] : last) {
    bool isPlain = impl_->state.at(one.first).isPlain;
    found.push_back({one.first, isPlain ? impl_->wholeOf(one.first) : one.second});
  }
  return found;
}

int64_t Engine::firstStarted() const { return impl_->firstStarted; }

uint32_t Engine::attemptOf(InstanceId id) const {
  std::optional<Attempt> last = impl_->lastOf(id);
  bool isOpen = last && last->n > 0 && !last->hasEnded;
  return isOpen ? last->n : impl_->numberOf(id) + 1;
}

Details Engine::Impl::detailsOf(const Attempt& attempt) const {
  Details details;
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  Record record;
  std::string line = lineOf(attempt);
  if (line.empty() || !decode(line, record, saver)) return details;
  details.job = record.job.str();
  details.node = record.node.str();
  details.why = record.text.str();
  for (const OutputRecord& o : record.outputs)
    details.outputs.push_back({o.output, o.bytes, o.path.str(), o.hash.str(), o.inodes});
  for (const ValueRecord& v : record.values) details.values.push_back({v.output, v.json.str()});
  details.cpuMs = record.cpuMs;
  details.rss = record.rss;
  details.read = record.read;
  details.written = record.written;
  details.inputs = record.inputs.str();
  details.copies = copiesIn(record.copies);
  details.gpuBusy = record.gpuBusy;
  details.gpuMemory = record.gpuMemory;
  details.gpuJoules = record.gpuJoules;
  return details;
}

}  // namespace wfc::run
