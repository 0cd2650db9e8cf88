// Who asks which store: endpoint, region and keys, from where all programs that speak with such
// stores find them.
//
// Keys stand in memory only: they are in no argument, no file that is written and no message.
#pragma once

#include <initializer_list>
#include <map>
#include <mutex>
#include <string>

namespace wfc::s3 {

struct Keys {
  std::string id, secret, token;
  bool areThere() const { return !id.empty() && !secret.empty(); }
};

class Account {
 public:
  /// From the environment, then from the files of the profile. A profile that is named counts
  /// alone: the environment speaks of the other side.
  explicit Account(const std::string& profile = {});

  /// `https://…`; empty: Amazon's own, by region.
  std::string endpoint;
  std::string region;
  /// The bucket stands in the name of the host, not in the path.
  bool isByHost = false;

  const std::string& profile() const { return profile_; }
  /// Whether one of the files has the profile.
  bool isKnown() const { return !section(true).empty() || !section(false).empty(); }
  /// The keys now: a file of them may be renewed while data is moved.
  Keys keys() const;
  /// Where a request about an object, or about a bucket, goes to.
  std::string url(const std::string& bucket, const std::string& key) const;

 private:
  using Section = std::map<std::string, std::string>;
  Section section(bool isConfig) const;

  std::string said(std::initializer_list<const char*> names) const;

  std::string profile_;
  bool isAlone_;
};

}  // namespace wfc::s3
