// See address.h.
#include "runtime/s3/address.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>

namespace wfc::s3 {

namespace {

constexpr llvm::StringRef kScheme = "s3://";

}  // namespace

bool isAddress(llvm::StringRef word) { return word.starts_with(kScheme); }

std::optional<Address> readAddress(llvm::StringRef word) {
  if (!word.consume_front(kScheme)) return {};
  auto [bucket, key] = word.split('/');
  if (bucket.empty() || bucket.find_first_of("?#@:\\ ") != llvm::StringRef::npos) return {};
  return Address{bucket.str(), key.trim('/').str(), key.empty() || key.ends_with("/")};
}

std::string Address::keyOf(llvm::StringRef below) const {
  return below.empty() ? key : prefix() + below.str();
}

std::string Address::text(llvm::StringRef below) const {
  std::string whole = keyOf(below);
  return kScheme.str() + bucket + (whole.empty() ? "" : "/" + whole);
}

std::string Address::name() const {
  return key.empty() ? bucket
                     : key.substr(key.rfind('/') == std::string::npos ? 0 : key.rfind('/') + 1);
}

std::string percent(llvm::StringRef text, bool keepsSlash) {
  std::string coded;
  for (char c : text) {
    bool isPlain = llvm::isAlnum(c) || c == '-' || c == '_' || c == '.' || c == '~' ||
                   (keepsSlash && c == '/');
    coded += isPlain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return coded;
}

std::optional<std::string> unpercent(llvm::StringRef text) {
  std::string plain;
  while (!text.empty()) {
    if (text[0] != '%') {
      plain += text[0];
      text = text.drop_front();
      continue;
    }
    unsigned code = 0;
    if (text.size() < 3 || text.substr(1, 2).getAsInteger(16, code)) return {};
    plain += static_cast<char>(code);
    text = text.drop_front(3);
  }
  return plain;
}

std::string queryText(Query query) {
  for (auto& [name, value] : query) {
    name = percent(name, false);
    value = percent(value, false);
  }
  std::sort(query.begin(), query.end());
  std::string text;
  for (const auto& [name, value] : query) text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

}  // namespace wfc::s3
