// Records as lines. Reading is the hot side: a line is split once, by hand, into views; only a
// field with a backslash is copied.
#include "runtime/ledger/record.h"

#include <array>
#include <charconv>
#include <cstring>

#include <llvm/ADT/StringExtras.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace wfc::run {

namespace {

using llvm::StringRef;

constexpr StringRef kKindNames[Record::kKinds] = {
    "run",  "submit", "start",  "end", "settle", "set",    "chosen", "publish", "removed",
    "hook", "stop",   "reopen", "ask", "hold",   "change", "part",   "close",   "fold"};

/// What follows an End's values, each in the place of one.
constexpr int64_t kInputs = -1, kGpuBusy = -2, kGpuMemory = -3, kGpuJoules = -4, kInodes = -5,
                  kCopies = -6;

constexpr std::array<uint32_t, 256> makeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t n = 0; n < 256; ++n) {
    uint32_t c = n;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0x82F63B78u ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  return table;
}

uint32_t plainChecksum(StringRef text) {
  static constexpr std::array<uint32_t, 256> table = makeTable();
  uint32_t crc = ~0u;
  for (unsigned char byte : text.bytes()) crc = table[(crc ^ byte) & 0xff] ^ (crc >> 8);
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t fastChecksum(StringRef text) {
  uint64_t crc = ~0u;
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  uint32_t rest = static_cast<uint32_t>(crc);
  for (; left > 0; --left, ++at) rest = _mm_crc32_u8(rest, static_cast<unsigned char>(*at));
  return ~rest;
}
#endif

void hex8(std::string& text, uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[(value >> shift) & 15];
}

/// Appends fields to a line.
struct Line {
  std::string& text;
  void field(StringRef value) {
    text += '\t';
    if (value.find_first_of("\\\t\n\r") == StringRef::npos) {
      text.append(value.data(), value.size());
      return;
    }
    for (char c : value) {
      switch (c) {
        case '\\':
          text += "\\\\";
          break;
        case '\t':
          text += "\\t";
          break;
        case '\n':
          text += "\\n";
          break;
        case '\r':
          text += "\\r";
          break;
        default:
          text += c;
      }
    }
  }
  void number(int64_t value) {
    char digits[24];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    text += '\t';
    text.append(digits, end);
  }
};

void encodeEnd(Line& line, const Record& r) {
  line.number(r.slice | (r.uncounted << 1));
  line.number(r.exit);
  line.number(r.signal);
  line.number(r.started);
  line.number(r.ended);
  line.number(r.cpuMs);
  line.number(r.rss);
  line.number(r.read);
  line.number(r.written);
  line.field(r.node);
  line.number(static_cast<int64_t>(r.outputs.size()));
  for (const OutputRecord& output : r.outputs) {
    line.number(output.output);
    line.field(output.path);
    line.number(static_cast<int64_t>(output.bytes));
    line.field(output.hash);
  }
  for (const ValueRecord& value : r.values) {
    line.number(value.output);
    line.field(value.json);
  }
  // In the place of values, of no output: earlier records end before them.
  if (!r.inputs.empty()) {
    line.number(kInputs);
    line.field(r.inputs);
  }
  // One each, unless there is a folder among them.
  std::string inodes;
  bool isAnyFolder = false;
  for (const OutputRecord& output : r.outputs) {
    inodes += (inodes.empty() ? "" : " ") + std::to_string(output.inodes);
    isAnyFolder |= output.inodes != 1;
  }
  if (isAnyFolder) {
    line.number(kInodes);
    line.field(inodes);
  }
  if (!r.copies.empty()) {
    line.number(kCopies);
    line.field(r.copies);
  }
  for (auto [key, number] : {std::pair(kGpuBusy, r.gpuBusy), std::pair(kGpuMemory, r.gpuMemory),
                             std::pair(kGpuJoules, r.gpuJoules)}) {
    if (number == 0) continue;
    line.number(key);
    line.number(number);
  }
}

/// Takes fields off a line. Past the end all fields are empty, and `isShort` is set.
struct Fields {
  StringRef rest;
  llvm::StringSaver& saver;
  bool hasMore = true, isShort = false;

  StringRef raw() {
    if (!hasMore) {
      isShort = true;
      return {};
    }
    const void* tab = std::memchr(rest.data(), '\t', rest.size());
    if (tab == nullptr) {
      hasMore = false;
      return rest;
    }
    size_t length = static_cast<size_t>(static_cast<const char*>(tab) - rest.data());
    StringRef field = rest.take_front(length);
    rest = rest.drop_front(length + 1);
    return field;
  }
  StringRef text() {
    StringRef field = raw();
    if (field.empty() || std::memchr(field.data(), '\\', field.size()) == nullptr) return field;
    std::string plain;
    for (size_t n = 0; n < field.size(); ++n) {
      if (field[n] != '\\' || n + 1 == field.size()) {
        plain += field[n];
        continue;
      }
      char c = field[++n];
      plain += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
    }
    return saver.save(plain);
  }
  int64_t number() {
    StringRef field = raw();
    int64_t value = 0;
    auto [end, error] = std::from_chars(field.begin(), field.end(), value);
    if (error != std::errc() || end != field.end()) isShort = true;
    return value;
  }
};

void takeGpu(int64_t key, StringRef text, Record& r) {
  int64_t number = 0;
  if (text.getAsInteger(10, number)) return;
  if (key == kGpuBusy) r.gpuBusy = number;
  if (key == kGpuMemory) r.gpuMemory = number;
  if (key == kGpuJoules) r.gpuJoules = number;
}

void takeInodes(StringRef text, Record& r) {
  for (OutputRecord& output : r.outputs) {
    auto [number, rest] = text.split(' ');
    if (number.getAsInteger(10, output.inodes)) return;
    text = rest;
  }
}

void decodeEnd(Fields& fields, Record& r) {
  int64_t flags = fields.number();
  r.slice = (flags & 1) != 0;
  r.uncounted = (flags & 2) != 0;
  r.exit = static_cast<int32_t>(fields.number());
  r.signal = static_cast<int32_t>(fields.number());
  r.started = fields.number();
  r.ended = fields.number();
  r.cpuMs = fields.number();
  r.rss = fields.number();
  r.read = fields.number();
  r.written = fields.number();
  r.node = fields.text();
  for (int64_t left = fields.number(); left > 0 && !fields.isShort; --left) {
    OutputRecord output;
    output.output = static_cast<uint32_t>(fields.number());
    output.path = fields.text();
    output.bytes = static_cast<uint64_t>(fields.number());
    output.hash = fields.raw();
    r.outputs.push_back(output);
  }
  while (fields.hasMore && !fields.isShort) {
    int64_t output = fields.number();
    StringRef text = fields.text();
    if (output == kInputs)
      r.inputs = text;
    else if (output == kInodes)
      takeInodes(text, r);
    else if (output == kCopies)
      r.copies = text;
    else if (output < 0)
      takeGpu(output, text, r);
    else
      r.values.push_back({static_cast<uint32_t>(output), text});
  }
}

}  // namespace

uint32_t checksum(StringRef text) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return fastChecksum(text);
#endif
  return plainChecksum(text);
}

void encodeTo(std::string& text, const Record& r) {
  size_t begin = text.size();
  text.append(8, '0');
  Line line{text};
  line.field(kKindNames[r.kind]);
  line.number(r.time);
  line.field(r.instance);
  line.number(r.attempt);
  line.number(r.number);
  line.field(name(r.outcome));
  line.field(r.text);
  line.field(r.job);
  if (r.kind == Record::End) encodeEnd(line, r);
  if (r.kind == Record::Start) line.field(r.node);
  for (StringRef member : r.members) line.field(member);
  std::string crc;
  hex8(crc, checksum(StringRef(text).drop_front(begin + 9)));
  text.replace(begin, 8, crc);
  text += '\n';
}

std::string encode(const Record& record) {
  std::string text;
  encodeTo(text, record);
  return text;
}

bool decode(StringRef line, Record& r, llvm::StringSaver& saver) {
  if (line.size() < 10 || line[8] != '\t') return false;
  uint32_t crc = 0;
  auto [end, error] = std::from_chars(line.begin(), line.begin() + 8, crc, 16);
  if (error != std::errc() || end != line.begin() + 8 || crc != checksum(line.drop_front(9)))
    return false;
  Fields fields{line.drop_front(9), saver};
  StringRef kind = fields.raw();
  unsigned found = 0;
  while (found < Record::kKinds && kKindNames[found] != kind) ++found;
  if (found == Record::kKinds) return false;
  r = Record();
  r.kind = static_cast<Record::Kind>(found);
  r.time = fields.number();
  r.instance = fields.text();
  r.attempt = static_cast<uint32_t>(fields.number());
  r.number = static_cast<uint32_t>(fields.number());
  std::optional<ir::Outcome> outcome = ir::outcomeNamed(fields.raw());
  if (!outcome) return false;
  r.outcome = *outcome;
  r.text = fields.text();
  r.job = fields.text();
  if (r.kind == Record::End) {
    decodeEnd(fields, r);
    return !fields.isShort;
  }
  if (r.kind == Record::Start) r.node = fields.text();
  bool isShort = fields.isShort;
  while (fields.hasMore) r.members.push_back(fields.text());
  return !isShort;
}

}  // namespace wfc::run
