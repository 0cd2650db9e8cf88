// See hashes.h. What is computed is what the library computes (section 2 of the BLAKE3 paper has
// the names); only which blocks are computed together differs.
#include "runtime/move/hashes.h"

#include <algorithm>
#include <cstring>

namespace wfc::move {

namespace {

#if defined(__x86_64__)

constexpr size_t kLanes = 16, kBlockSize = 64, kChunk = 1024;
/// One word of each lane.
using Row [[gnu::vector_size(64)]] = uint32_t;
using Value = std::array<uint32_t, 8>;

constexpr Value kBegin = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                          0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
constexpr uint32_t kChunkStart = 1, kChunkEnd = 2, kParent = 4, kRoot = 8;

/// Which words of a block each round takes: those of the round before, permuted.
constexpr auto kSchedule = [] {
  constexpr uint8_t permutation[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
  std::array<std::array<uint8_t, 16>, 7> rounds{};
  for (uint8_t word = 0; word < 16; ++word) rounds[0][word] = word;
  for (size_t round = 1; round < 7; ++round)
    for (size_t n = 0; n < 16; ++n) rounds[round][n] = rounds[round - 1][permutation[n]];
  return rounds;
}();

template <int kBits>
[[gnu::target("avx512f"), gnu::always_inline]] inline void turn(Row& row, const Row& by) {
  row ^= by;
  row = (row >> kBits) | (row << (32 - kBits));
}

template <size_t a, size_t b, size_t c, size_t d>
[[gnu::target("avx512f"), gnu::always_inline]] inline void mix(Row* v, const Row& x, const Row& y) {
  v[a] += v[b] + x;
  turn<16>(v[d], v[a]);
  v[c] += v[d];
  turn<12>(v[b], v[c]);
  v[a] += v[b] + y;
  turn<8>(v[d], v[a]);
  v[c] += v[d];
  turn<7>(v[b], v[c]);
}

template <size_t kRound>
[[gnu::target("avx512f"), gnu::always_inline]] inline void round(Row* v, const Row* words) {
  constexpr auto& of = kSchedule[kRound];
  mix<0, 4, 8, 12>(v, words[of[0]], words[of[1]]);
  mix<1, 5, 9, 13>(v, words[of[2]], words[of[3]]);
  mix<2, 6, 10, 14>(v, words[of[4]], words[of[5]]);
  mix<3, 7, 11, 15>(v, words[of[6]], words[of[7]]);
  mix<0, 5, 10, 15>(v, words[of[8]], words[of[9]]);
  mix<1, 6, 11, 12>(v, words[of[10]], words[of[11]]);
  mix<2, 7, 8, 13>(v, words[of[12]], words[of[13]]);
  mix<3, 4, 9, 14>(v, words[of[14]], words[of[15]]);
}

/// Sixteen blocks, one a lane, as rows: a square of words turned over, by four perfect shuffles.
[[gnu::target("avx512f"), gnu::always_inline]] inline void load(const uint8_t* const* blocks,
                                                                Row* rows) {
  for (size_t n = 0; n < 16; ++n) std::memcpy(&rows[n], blocks[n], kBlockSize);
  for (int step = 0; step < 4; ++step) {
    Row next[16];
    for (size_t n = 0; n < 8; ++n) {
      next[2 * n] = __builtin_shufflevector(rows[n], rows[n + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20,
                                            5, 21, 6, 22, 7, 23);
      next[2 * n + 1] = __builtin_shufflevector(rows[n], rows[n + 8], 8, 24, 9, 25, 10, 26, 11, 27,
                                                12, 28, 13, 29, 14, 30, 15, 31);
    }
    std::copy(next, next + 16, rows);
  }
}

/// Compresses a block of each lane into the lane's value.
[[gnu::target("avx512f")]] void compress(const uint8_t* const* blocks, Row* value,
                                         const Row& counter, const Row& size, const Row& flags) {
  Row words[16], v[16];
  load(blocks, words);
  std::copy(value, value + 8, v);
  for (size_t n = 0; n < 4; ++n) v[8 + n] = Row{} + kBegin[n];
  v[12] = counter;
  v[13] = Row{};
  v[14] = size;
  v[15] = flags;
  round<0>(v, words);
  round<1>(v, words);
  round<2>(v, words);
  round<3>(v, words);
  round<4>(v, words);
  round<5>(v, words);
  round<6>(v, words);
  for (size_t n = 0; n < 8; ++n) value[n] = v[n] ^ v[n + 8];
}

/// A chunk of a file, or the values of two nodes, on the way to one value.
struct Job {
  const uint8_t* at;
  uint32_t size, counter;
  /// Of its first and of its last block.
  uint32_t first, last;
  Value* value;
};

/// Up to as many jobs as there are lanes. A short one waits for the longest.
[[gnu::target("avx512f")]] void compressAll(llvm::ArrayRef<Job> jobs) {
  alignas(64) uint8_t ends[kLanes][kBlockSize] = {};
  const uint8_t* blocks[kLanes];
  Row counter{}, count{}, end{}, first{}, last{}, value[8];
  uint32_t most = 0;
  for (size_t n = 0; n < 8; ++n) value[n] = Row{} + kBegin[n];
  for (size_t lane = 0; lane < kLanes; ++lane) {
    blocks[lane] = ends[lane];
    if (lane >= jobs.size()) continue;
    const Job& job = jobs[lane];
    uint32_t before = job.size == 0 ? 0 : (job.size - 1) / kBlockSize;
    counter[lane] = job.counter;
    count[lane] = before + 1;
    end[lane] = job.size - before * kBlockSize;
    first[lane] = job.first;
    last[lane] = job.last;
    most = std::max(most, before + 1);
    std::memcpy(ends[lane], job.at + before * kBlockSize, end[lane]);
  }
  for (uint32_t n = 0; n < most; ++n) {
    for (size_t lane = 0; lane < jobs.size(); ++lane)
      blocks[lane] = n + 1 < count[lane] ? jobs[lane].at + n * kBlockSize : ends[lane];
    Row isOn = reinterpret_cast<Row>(count > n), isLast = reinterpret_cast<Row>(count == n + 1);
    Row next[8];
    std::copy(value, value + 8, next);
    compress(blocks, next, counter, (isLast & end) | (~isLast & kBlockSize),
             (n == 0 ? first : Row{}) | (isLast & last));
    for (size_t i = 0; i < 8; ++i) value[i] = (isOn & next[i]) | (~isOn & value[i]);
  }
  for (size_t lane = 0; lane < jobs.size(); ++lane)
    for (size_t i = 0; i < 8; ++i) (*jobs[lane].value)[i] = value[i][lane];
}

void compressInTurn(llvm::ArrayRef<Job> jobs) {
  for (; !jobs.empty(); jobs = jobs.drop_front(std::min(kLanes, jobs.size())))
    compressAll(jobs.take_front(kLanes));
}

/// The values that are known of a file's tree, one after the other: at first those of its chunks.
struct Values {
  Value* at;
  size_t count;
};

std::vector<Job> chunksOf(llvm::ArrayRef<Hashed> files, llvm::ArrayRef<Values> values) {
  std::vector<Job> jobs, ends;
  for (size_t n = 0; n < files.size(); ++n) {
    for (size_t chunk = 0; chunk < values[n].count; ++chunk) {
      llvm::ArrayRef<uint8_t> bytes = files[n].bytes.drop_front(chunk * kChunk).take_front(kChunk);
      uint32_t root = values[n].count == 1 ? kRoot : 0;
      (bytes.size() == kChunk ? jobs : ends)
          .push_back({bytes.data(), static_cast<uint32_t>(bytes.size()),
                      static_cast<uint32_t>(chunk), kChunkStart, kChunkEnd | root,
                      &values[n].at[chunk]});
    }
  }
  // Those of one length beside each other.
  jobs.insert(jobs.end(), ends.begin(), ends.end());
  return jobs;
}

std::vector<Job> parentsOf(llvm::ArrayRef<Values> values) {
  std::vector<Job> jobs;
  for (const Values& of : values) {
    for (size_t n = 0; 2 * n + 1 < of.count; ++n)
      jobs.push_back({reinterpret_cast<const uint8_t*>(&of.at[2 * n]), kBlockSize, 0, 0,
                      kParent | (of.count == 2 ? kRoot : 0), &of.at[n]});
  }
  return jobs;
}

void hashSideBySide(llvm::ArrayRef<Hashed> files) {
  std::vector<Values> values;
  size_t count = 0;
  auto chunks = [](const Hashed& file) {
    return std::max<size_t>(1, (file.bytes.size() + kChunk - 1) / kChunk);
  };
  for (const Hashed& file : files) count += chunks(file);
  std::vector<Value> all(count);
  for (const Hashed& file : files) {
    Value* at = values.empty() ? all.data() : values.back().at + values.back().count;
    values.push_back({at, chunks(file)});
  }
  for (std::vector<Job> jobs = chunksOf(files, values); !jobs.empty(); jobs = parentsOf(values)) {
    compressInTurn(jobs);
    // Which of them were pairs is in the flags.
    if ((jobs.front().last & kParent) == 0) continue;
    for (Values& of : values) {
      if (of.count % 2 != 0) of.at[of.count / 2] = of.at[of.count - 1];
      of.count = (of.count + 1) / 2;
    }
  }
  for (size_t n = 0; n < files.size(); ++n)
    std::memcpy(files[n].digest->data(), values[n].at->data(), sizeof(Value));
}

bool hasWideRows() {
  static const bool isGood = __builtin_cpu_supports("avx512f") != 0;
  return isGood;
}

#else

bool hasWideRows() { return false; }
void hashSideBySide(llvm::ArrayRef<Hashed>) {}

#endif

/// From here on a file alone fills the lanes.
constexpr size_t kAlone = 64 << 10;

}  // namespace

void hashAll(llvm::ArrayRef<Hashed> files) {
  if (hasWideRows()) return hashSideBySide(files);
  for (const Hashed& file : files) *file.digest = digestOf(file.bytes);
}

uint8_t* Hashes::room(size_t size) {
  if (used_ + size > bytes_.size()) finish();
  return bytes_.data() + used_;
}

void Hashes::add(size_t size, Digest& digest) {
  llvm::ArrayRef<uint8_t> bytes(bytes_.data() + used_, size);
  if (size >= kAlone) {
    digest = digestOf(bytes);
    return;
  }
  waiting_.push_back({bytes, &digest});
  used_ += size;
}

void Hashes::finish() {
  hashAll(waiting_);
  waiting_.clear();
  used_ = 0;
}

}  // namespace wfc::move
