// See account.h.
#include "runtime/s3/account.h"

#include <cstdlib>

#include <llvm/ADT/StringRef.h>
#include <llvm/Support/MemoryBuffer.h>

#include "runtime/s3/address.h"

namespace wfc::s3 {

namespace {

/// The first of these variables that says something.
std::string variable(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

std::string firstOf(const std::string& one, const std::string& other) {
  return one.empty() ? other : one;
}

}  // namespace

Account::Account(const std::string& profile)
    : profile_(
          firstOf(profile, firstOf(variable({"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}), "default"))),
      isAlone_(!profile.empty()) {
  Section config = section(true);
  // All of it may stand in one file.
  config.merge(section(false));
  endpoint = firstOf(said({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}), config["endpoint_url"]);
  while (endpoint.ends_with("/")) endpoint.pop_back();
  if (!endpoint.empty() && endpoint.find("://") == std::string::npos)
    endpoint = "https://" + endpoint;
  region =
      firstOf(firstOf(said({"AWS_REGION", "AWS_DEFAULT_REGION"}), config["region"]), "us-east-1");
  std::string style = firstOf(said({"AWS_S3_ADDRESSING_STYLE"}), config["addressing_style"]);
  // Stores of one's own seldom have a name for each bucket.
  isByHost = style == "virtual" || (style != "path" && endpoint.empty());
}

std::string Account::said(std::initializer_list<const char*> names) const {
  return isAlone_ ? "" : variable(names);
}

Keys Account::keys() const {
  Keys keys{said({"AWS_ACCESS_KEY_ID"}), said({"AWS_SECRET_ACCESS_KEY"}),
            said({"AWS_SESSION_TOKEN"})};
  if (keys.areThere()) return keys;
  Section own = section(false);
  return {own["aws_access_key_id"], own["aws_secret_access_key"], own["aws_session_token"]};
}

Account::Section Account::section(bool isConfig) const {
  std::string path = variable({isConfig ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE"});
  if (path.empty()) path = variable({"HOME"}) + (isConfig ? "/.aws/config" : "/.aws/credentials");
  // A file that is no regular one has no size.
  auto file = llvm::MemoryBuffer::getFileAsStream(path);
  Section found;
  if (!file) return found;
  std::string wanted = isConfig && profile_ != "default" ? "profile " + profile_ : profile_;
  bool isOwn = false;
  llvm::StringRef rest = (*file)->getBuffer();
  while (!rest.empty()) {
    auto [line, after] = rest.split('\n');
    rest = after;
    line = line.trim();
    if (line.starts_with("["))
      isOwn = line.trim("[] ") == wanted;
    else if (isOwn && !line.starts_with("#") && line.contains('='))
      found[line.split('=').first.trim().lower()] = line.split('=').second.trim().str();
  }
  return found;
}

std::string Account::url(const std::string& bucket, const std::string& key) const {
  std::string base = endpoint.empty() ? "https://s3." + region + ".amazonaws.com" : endpoint;
  std::string path = "/" + percent(key, true);
  // A certificate is for one name before the first dot only.
  bool isHost = isByHost && (bucket.find('.') == std::string::npos || base.starts_with("http:"));
  if (!isHost) return base + "/" + percent(bucket, false) + (key.empty() ? "" : path);
  size_t host = base.find("://") + 3;
  return base.substr(0, host) + bucket + "." + base.substr(host) + path;
}

}  // namespace wfc::s3
