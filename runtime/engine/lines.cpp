// What an attempt left beyond its outcome stays where it was read: a million attempts keep a number
// each. Only records that came from nowhere that lasts are kept as lines of our own.
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
