// See readings.h. The reads of one start form a tree in which none is the beginning of another: the
// same beginning would have been read to the same end.
#include "compiler/syntax/readings.h"

namespace wfc::syntax {

namespace {

constexpr uint32_t kSeen = 0x8000'0000;

uint64_t stepOf(uint32_t place, Tok kind) {
  return uint64_t(place) << 8 | static_cast<uint8_t>(kind);
}

/// Each start has a tree of its own; places of reads follow.
uint32_t rootOf(Rule start) { return static_cast<uint32_t>(start); }
constexpr uint32_t kRoots = 256;

Tok kindAt(const std::vector<Token>& tokens, uint32_t at) {
  return at < tokens.size() ? tokens[at].kind : Tok::End;
}

}  // namespace

const Tokens& Readings::tokensOf(std::string_view path, std::string_view text) {
  auto known = files_.find(path);
  if (known == files_.end()) {
    if (files_.size() >= kMostFiles) files_.clear();
    known = files_.emplace(path, EditedTokens()).first;
  }
  return known->second.of(text);
}

const Readings::Seen* Readings::find(Rule start, const std::vector<Token>& tokens,
                                     uint32_t first) const {
  uint32_t place = rootOf(start);
  for (uint32_t at = first; at <= tokens.size(); ++at) {
    auto step = steps_.find(stepOf(place, kindAt(tokens, at)));
    if (step == steps_.end()) return nullptr;
    if (step->second & kSeen) return &seen_[step->second & ~kSeen];
    place = step->second;
  }
  return nullptr;
}

void Readings::add(const Read& read, const std::vector<Token>& tokens,
                   const std::vector<Node>& nodes) {
  if (steps_.size() > kMost) {
    steps_.clear();
    seen_.clear();
    places_ = 0;
  }
  uint32_t place = rootOf(read.start);
  for (uint32_t at = read.first; at < read.last; ++at) {
    auto [step, isNew] = steps_.try_emplace(stepOf(place, kindAt(tokens, at)), 0);
    if (isNew) step->second = kRoots + places_++;
    place = step->second;
  }
  Seen seen{read.end - read.first, nodes};
  for (Node& node : seen.nodes) node.first -= read.first, node.end -= read.first;
  steps_[stepOf(place, kindAt(tokens, read.last))] = kSeen | static_cast<uint32_t>(seen_.size());
  seen_.push_back(std::move(seen));
}

}  // namespace wfc::syntax
