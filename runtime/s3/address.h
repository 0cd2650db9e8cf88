// `s3://BUCKET/KEY`, and how its parts are written in a URL.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <llvm/ADT/StringRef.h>

namespace wfc::s3 {

struct Address {
  std::string bucket;
  /// Without slashes at its ends; empty: the whole bucket.
  std::string key;
  /// Written with a slash at its end: surely no object.
  bool isFolder = false;

  /// `s3://BUCKET/KEY`, with a name below it.
  std::string text(llvm::StringRef below = {}) const;
  /// The key of what is called `below` here.
  std::string keyOf(llvm::StringRef below) const;
  /// What all keys below begin with.
  std::string prefix() const { return key.empty() ? "" : key + "/"; }
  /// The last part of the key; the bucket where there is none.
  std::string name() const;
};

/// Whether a word names something in a store.
bool isAddress(llvm::StringRef word);

std::optional<Address> readAddress(llvm::StringRef word);

using Query = std::vector<std::pair<std::string, std::string>>;

/// Every byte but the unreserved as %XX; slashes too, unless they are kept.
std::string percent(llvm::StringRef text, bool keepsSlash);
/// The other way; nothing where it is none.
std::optional<std::string> unpercent(llvm::StringRef text);

/// The query as signatures want it: sorted, each name with an `=`.
std::string queryText(Query query);

}  // namespace wfc::s3
