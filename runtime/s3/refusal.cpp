// See refusal.h.
#include "runtime/s3/refusal.h"

#include <fmt/format.h>

#include "runtime/s3/xml.h"

namespace wfc::s3 {

namespace {

struct Known {
  llvm::StringRef code;
  const char* what;
  const char* fix;
};

/// `{bucket}` and `{region}` are filled in.
constexpr Known kKnown[] = {
    {"NoSuchBucket", "there is no bucket `{bucket}`",
     "look at its name and at AWS_ENDPOINT_URL; buckets are not made here"},
    {"NoSuchKey", "there is no such object",
     "look at the key; `s3://BUCKET/FOLDER/` names all below it"},
    {"NoSuchUpload", "somebody ended this upload meanwhile", "give the same command again"},
    {"InvalidAccessKeyId", "the store does not know this access key",
     "look at AWS_ACCESS_KEY_ID, or at the profile's keys"},
    {"XAdminUserNotFound", "the store does not know this access key",
     "look at AWS_ACCESS_KEY_ID, or at the profile's keys"},
    {"SignatureDoesNotMatch", "the secret key is not the one of this access key",
     "look at AWS_SECRET_ACCESS_KEY, or at the profile's keys"},
    {"ExpiredToken", "the session of these keys is over",
     "fetch new ones (AWS_SESSION_TOKEN goes with them)"},
    {"InvalidToken", "the session token is not one of these keys", "look at AWS_SESSION_TOKEN"},
    {"RequestTimeTooSkewed", "the clock of this machine and that of the store are too far apart",
     "set this machine's clock (`timedatectl`), then give the same command again"},
    {"SlowDown", "the store asks for fewer requests, and went on asking",
     "fewer --threads, or a --rate"},
    {"QuotaExceeded", "the quota of the bucket is used up",
     "free some there, then give the same command again"},
    {"EntityTooLarge", "is larger than the store takes",
     "larger parts with --part-size, or pack less into it"},
    {"InvalidObjectState", "lies in an archive tier", "restore it first"},
    {"XAmzContentSHA256Mismatch", "what arrived is not what was sent, again and again",
     "do not trust the memory of this machine or the way to the store; nothing was published"},
};

std::string filled(std::string text, llvm::StringRef name, const std::string& value) {
  size_t at = text.find("{" + name.str() + "}");
  return at == std::string::npos ? text : text.replace(at, name.size() + 2, value);
}

std::string regionOf(const Answer& answer) {
  std::string region = answer.header("x-amz-bucket-region");
  std::optional<Element> xml;
  if (region.empty()) xml = readXml(answer.body);
  return xml ? xml->textOf("Region") : region;
}

std::string whereOf(const Account& account) {
  return account.endpoint.empty() ? "Amazon's store in " + account.region : account.endpoint;
}

Refusal unreachable(const Answer& answer, const Account& account) {
  return {fmt::format("{} cannot be reached: {}", whereOf(account), answer.trouble),
          answer.hint.empty()
              ? "look at AWS_ENDPOINT_URL and at the way there; the same command goes on "
                "from what is there"
              : answer.hint};
}

/// Something else listens there: an answer without a word of such stores.
Refusal noStore(const Account& account) {
  return {fmt::format("what answers at {} is no object store", whereOf(account)),
          "look at AWS_ENDPOINT_URL"};
}

Refusal denied(const Account& account) {
  if (account.keys().areThere())
    return {
        "access is denied",
        "these keys may not do that here; ask whoever owns the bucket for a policy that lets them"};
  if (account.profile() != "default" && !account.isKnown())
    return {fmt::format("access is denied, and there is no profile `{}`", account.profile()),
            "look at AWS_PROFILE, and at ~/.aws/credentials or AWS_SHARED_CREDENTIALS_FILE"};
  return {
      "access is denied, and no keys were found",
      "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; in a flow by `secrets`"};
}

}  // namespace

std::string codeOf(const Answer& answer) {
  std::optional<Element> xml = readXml(answer.body);
  return xml && xml->name == "Error" ? xml->textOf("Code") : "";
}

Refusal refusalOf(const Answer& answer, const Account& account, const std::string& bucket) {
  if (!answer.trouble.empty()) return unreachable(answer, account);
  std::string code = codeOf(answer), region = regionOf(answer);
  for (const Known& known : kKnown) {
    if (known.code == code) return {filled(known.what, "bucket", bucket), known.fix};
  }
  bool isElsewhere = !region.empty() && region != account.region;
  if (isElsewhere || answer.status == 301 || answer.status == 307)
    return {region.empty()
                ? "the bucket lies in another region than " + account.region
                : fmt::format("the bucket lies in region {}, not {}", region, account.region),
            region.empty() ? "set AWS_REGION to it" : "AWS_REGION=" + region};
  if (code == "AccessDenied" || answer.status == 403 || answer.status == 401)
    return denied(account);
  std::optional<Element> xml = readXml(answer.body);
  std::string message = xml ? xml->textOf("Message") : "";
  // Some stores name the region in the sentence only.
  if (code == "AuthorizationHeaderMalformed")
    return {
        fmt::format("the bucket may lie in another region than {}: {}", account.region, message),
        "set AWS_REGION to its region"};
  if (code.empty() && (answer.isGood() || answer.status == 404)) return noStore(account);
  return {fmt::format("the store answers {}{}{}", answer.status, code.empty() ? "" : " " + code,
                      message.empty() ? "" : ": " + message),
          answer.status >= 500 ? "the same command goes on from what is there" : ""};
}

}  // namespace wfc::s3
