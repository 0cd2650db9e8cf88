// See zip.h. Numbers are little-endian; APPNOTE 6.3 is the reference.
#include "runtime/move/zip.h"

#include <algorithm>
#include <limits>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/ConvertUTF.h>
#include <llvm/Support/Endian.h>

namespace wfc::move::zip {

namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr uint32_t kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr uint16_t k64 = 0x0001, kUnixTime = 0x5455, kOwn = 0x6677;
constexpr uint16_t kUtf8 = 1 << 11;
constexpr uint32_t kFull = std::numeric_limits<uint32_t>::max();

template <class T>
void put(std::string& text, T number) {
  char bytes[sizeof(T)];
  llvm::support::endian::write<T, llvm::endianness::little>(bytes, number);
  text.append(bytes, sizeof(T));
}

template <class T>
T get(llvm::StringRef text, size_t at) {
  return llvm::support::endian::read<T, llvm::endianness::little>(text.data() + at);
}

uint32_t capped(uint64_t number) { return number >= kFull ? kFull : static_cast<uint32_t>(number); }

/// Date and time as DOS counts them, in UTC, to two seconds.
uint32_t dosTime(time_t seconds) {
  constexpr time_t kFirst = 315532800, kLast = 4354819198;  // 1980, 2107
  seconds = std::clamp(seconds, kFirst, kLast);
  struct tm day{};
  ::gmtime_r(&seconds, &day);
  uint32_t date =
      static_cast<uint32_t>((day.tm_year - 80) << 9 | (day.tm_mon + 1) << 5 | day.tm_mday);
  return date << 16 | static_cast<uint32_t>(day.tm_hour << 11 | day.tm_min << 5 | day.tm_sec / 2);
}

bool isUtf8(const std::string& name) {
  const auto* begin = reinterpret_cast<const llvm::UTF8*>(name.data());
  return llvm::isLegalUTF8String(&begin, begin + name.size()) && !llvm::isASCII(name);
}

void putExtra(std::string& text, uint16_t id, const std::string& data) {
  put<uint16_t>(text, id);
  put<uint16_t>(text, static_cast<uint16_t>(data.size()));
  text += data;
}

std::string unixTime(const Entry& entry) {
  std::string data(1, '\1');
  constexpr time_t kLast = std::numeric_limits<int32_t>::max();
  put<int32_t>(data, static_cast<int32_t>(std::clamp<time_t>(entry.mtime.tv_sec, -kLast, kLast)));
  return data;
}

/// Version, flags, method, time and CRC, which both headers begin with.
void putCommon(std::string& text, const Entry& entry) {
  put<uint16_t>(text, 45);
  put<uint16_t>(text, isUtf8(entry.name) ? kUtf8 : 0);
  put<uint16_t>(text, 0);
  put<uint32_t>(text, dosTime(entry.mtime.tv_sec));
  put<uint32_t>(text, entry.crc);
  put<uint32_t>(text, capped(entry.size));
  put<uint32_t>(text, capped(entry.size));
  put<uint16_t>(text, static_cast<uint16_t>(entry.name.size()));
}

std::string ownField(const Entry& entry) {
  std::string data(1, '\1');
  put<int64_t>(data, entry.mtime.tv_sec);
  put<uint32_t>(data, static_cast<uint32_t>(entry.mtime.tv_nsec));
  if (entry.digest) data.append(entry.digest->begin(), entry.digest->end());
  return data;
}

}  // namespace

std::string localHeader(const Entry& entry) {
  std::string text, extra;
  if (entry.size >= kFull) {
    std::string sizes;
    put<uint64_t>(sizes, entry.size);
    put<uint64_t>(sizes, entry.size);
    putExtra(extra, k64, sizes);
  }
  putExtra(extra, kUnixTime, unixTime(entry));
  put<uint32_t>(text, kLocal);
  putCommon(text, entry);
  put<uint16_t>(text, static_cast<uint16_t>(extra.size()));
  return text + entry.name + extra;
}

size_t localLength(llvm::StringRef fixed) {
  if (fixed.size() < kLocalFixed || get<uint32_t>(fixed, 0) != kLocal) return 0;
  return kLocalFixed + get<uint16_t>(fixed, 26) + get<uint16_t>(fixed, 28);
}

std::string centralHeader(const Entry& entry) {
  std::string text, extra, wide;
  if (entry.size >= kFull) {
    put<uint64_t>(wide, entry.size);
    put<uint64_t>(wide, entry.size);
  }
  if (entry.at >= kFull) put<uint64_t>(wide, entry.at);
  if (!wide.empty()) putExtra(extra, k64, wide);
  putExtra(extra, kUnixTime, unixTime(entry));
  putExtra(extra, kOwn, ownField(entry));
  put<uint32_t>(text, kCentral);
  put<uint16_t>(text, 3 << 8 | 45);
  putCommon(text, entry);
  put<uint16_t>(text, static_cast<uint16_t>(extra.size()));
  put<uint16_t>(text, 0);
  put<uint16_t>(text, 0);
  put<uint16_t>(text, 0);
  uint32_t isFolder = S_ISDIR(entry.mode) ? 0x10 : 0;
  put<uint32_t>(text, static_cast<uint32_t>(entry.mode) << 16 | isFolder);
  put<uint32_t>(text, capped(entry.at));
  return text + entry.name + extra;
}

std::string ending(uint64_t count, uint64_t directoryAt, uint64_t directorySize,
                   llvm::StringRef comment) {
  std::string text;
  bool isWide = count >= 0xffff || directoryAt >= kFull || directorySize >= kFull;
  if (isWide) {
    put<uint32_t>(text, kEnd64);
    put<uint64_t>(text, 44);
    put<uint16_t>(text, 3 << 8 | 45);
    put<uint16_t>(text, 45);
    put<uint32_t>(text, 0);
    put<uint32_t>(text, 0);
    put<uint64_t>(text, count);
    put<uint64_t>(text, count);
    put<uint64_t>(text, directorySize);
    put<uint64_t>(text, directoryAt);
    put<uint32_t>(text, kLocator64);
    put<uint32_t>(text, 0);
    put<uint64_t>(text, directoryAt + directorySize);
    put<uint32_t>(text, 1);
  }
  uint16_t few = count >= 0xffff ? 0xffff : static_cast<uint16_t>(count);
  put<uint32_t>(text, kEnd);
  put<uint16_t>(text, 0);
  put<uint16_t>(text, 0);
  put<uint16_t>(text, few);
  put<uint16_t>(text, few);
  put<uint32_t>(text, capped(directorySize));
  put<uint32_t>(text, capped(directoryAt));
  put<uint16_t>(text, static_cast<uint16_t>(comment.size()));
  return text + comment.str();
}

std::optional<Directory> findDirectory(llvm::StringRef tail, uint64_t fileSize) {
  if (tail.size() < 22) return {};
  for (size_t at = tail.size() - 22;; --at) {
    bool isEnd =
        get<uint32_t>(tail, at) == kEnd && at + 22 + get<uint16_t>(tail, at + 20) == tail.size();
    if (isEnd) {
      Directory found{get<uint32_t>(tail, at + 16), get<uint32_t>(tail, at + 12),
                      get<uint16_t>(tail, at + 10), tail.drop_front(at + 22).str()};
      if (at >= 20 && get<uint32_t>(tail, at - 20) == kLocator64) {
        uint64_t wide = get<uint64_t>(tail, at - 12);
        uint64_t tailAt = fileSize - tail.size();
        if (wide < tailAt || wide - tailAt > tail.size() - 56 ||
            get<uint32_t>(tail, wide - tailAt) != kEnd64)
          return {};
        found.count = get<uint64_t>(tail, wide - tailAt + 32);
        found.size = get<uint64_t>(tail, wide - tailAt + 40);
        found.at = get<uint64_t>(tail, wide - tailAt + 48);
      }
      if (found.at > fileSize || found.size > fileSize - found.at) return {};
      return found;
    }
    if (at == 0) return {};
  }
}

namespace {

void takeExtra(llvm::StringRef extra, Entry& entry) {
  while (extra.size() >= 4) {
    uint16_t id = get<uint16_t>(extra, 0), size = get<uint16_t>(extra, 2);
    if (extra.size() < 4u + size) return;
    llvm::StringRef data = extra.substr(4, size);
    extra = extra.drop_front(4u + size);
    if (id == k64) {
      bool hasSize = entry.size == kFull, hasAt = entry.at == kFull;
      // Both sizes, then the offset; each only where the narrow field is full.
      if (hasSize && data.size() >= 16) entry.size = get<uint64_t>(data, 0);
      if (hasAt && data.size() >= (hasSize ? 24u : 8u))
        entry.at = get<uint64_t>(data, hasSize ? 16 : 0);
    }
    if (id == kUnixTime && data.size() >= 5 && (data[0] & 1) != 0) {
      entry.mtime.tv_sec = get<int32_t>(data, 1);
      entry.mtime.tv_nsec = 0;
    }
    if (id == kOwn && data.size() >= 13 && data[0] == 1) {
      entry.mtime = {get<int64_t>(data, 1), get<uint32_t>(data, 9)};
      if (data.size() >= 45) {
        entry.digest.emplace();
        std::copy_n(data.begin() + 13, 32, entry.digest->begin());
      }
    }
  }
}

time_t fromDos(uint32_t dos) {
  struct tm day{};
  day.tm_year = static_cast<int>(dos >> 25) + 80;
  day.tm_mon = static_cast<int>(dos >> 21 & 15) - 1;
  day.tm_mday = static_cast<int>(dos >> 16 & 31);
  day.tm_hour = static_cast<int>(dos >> 11 & 31);
  day.tm_min = static_cast<int>(dos >> 5 & 63);
  day.tm_sec = static_cast<int>(dos & 31) * 2;
  return ::timegm(&day);
}

}  // namespace

std::optional<Entry> takeEntry(llvm::StringRef& rows) {
  if (rows.size() < 46 || get<uint32_t>(rows, 0) != kCentral) return {};
  size_t name = get<uint16_t>(rows, 28), extra = get<uint16_t>(rows, 30);
  size_t comment = get<uint16_t>(rows, 32);
  if (rows.size() < 46 + name + extra + comment) return {};
  Entry entry;
  bool isUnix = rows[5] == 3;
  uint32_t attributes = get<uint32_t>(rows, 38);
  entry.isEncrypted = (get<uint16_t>(rows, 8) & 1) != 0;
  entry.method = get<uint16_t>(rows, 10);
  entry.mtime = {fromDos(get<uint32_t>(rows, 12)), 0};
  entry.crc = get<uint32_t>(rows, 16);
  entry.size = get<uint32_t>(rows, 24);
  entry.at = get<uint32_t>(rows, 42);
  entry.name = rows.substr(46, name).str();
  entry.mode = isUnix ? attributes >> 16 : 0;
  bool isFolder = llvm::StringRef(entry.name).ends_with("/");
  if (!S_ISDIR(entry.mode) && !S_ISREG(entry.mode) && !S_ISLNK(entry.mode))
    entry.mode = (isFolder ? S_IFDIR | 0755 : S_IFREG | 0644);
  takeExtra(rows.substr(46 + name, extra), entry);
  rows = rows.drop_front(46 + name + extra + comment);
  return entry;
}

}  // namespace wfc::move::zip
