// Nomad's API, by whichever way leads there: inside an allocation the socket that its agent offers
// every task, which needs neither address nor certificate; anywhere else the program `nomad`, which
// knows addresses, certificates and tokens as the person has set them (NOMAD_ADDR and so on).
#pragma once

#include <string>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

namespace wfc::nomad {

struct Answer {
  /// 200 good; other statuses of HTTP; 0: Nomad was not reached.
  int status = 0;
  std::string text;
  bool isGood() const { return status == 200; }
  /// It was not reached, or has no leader now: asking again may help.
  bool mayHelpAgain() const { return status == 0 || status == 429 || status >= 500; }
  /// The text as JSON; null where it is none.
  llvm::json::Value json() const;
};

class Api {
 public:
  /// As the environment says. `WFR_NOMAD` names the program, if it is not `nomad` on PATH.
  Api();

  Answer get(const std::string& path) const { return call("GET", path, {}); }
  Answer post(const std::string& path, const llvm::json::Value& body) const;
  Answer remove(const std::string& path) const { return call("DELETE", path, {}); }

  /// A word of a path or a query, percent-encoded.
  static std::string word(llvm::StringRef text);

 private:
  Answer call(const char* method, const std::string& path, const std::string& body) const;
  Answer callSocket(const char* method, const std::string& path, const std::string& body) const;
  Answer callProgram(const char* method, const std::string& path, const std::string& body) const;
  std::string socket_, token_, namespace_, program_;
};

}  // namespace wfc::nomad
