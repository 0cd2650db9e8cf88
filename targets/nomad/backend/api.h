// Nomad's API, by whichever way leads there: inside an allocation the socket that its agent offers
// every task, which needs neither address nor certificate; anywhere else the program `nomad`, which
// knows addresses, certificates and tokens as the person has set them (NOMAD_ADDR and so on).
#pragma once

#include <string>

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include "runtime/ledger/calls.h"

namespace wfc::nomad {

struct Answer {
  /// 200 good; other statuses of HTTP; 0: Nomad was not reached.
  int status = 0;
  std::string text;
  bool isGood() const { return status == 200; }
  /// A refusal of this very request: asking again would not help. Not so where Nomad is away, has
  /// no leader, or does not let us.
  bool isFinal() const {
    return status >= 400 && status != 401 && status != 403 && status != 429 &&
           !llvm::StringRef(text).contains_insensitive("leader");
  }
  /// The text as JSON; null where it is none.
  llvm::json::Value json() const;
};

class Api {
 public:
  /// As the environment says. `WFR_NOMAD` names the program, if it is not `nomad` on PATH. What is
  /// asked for a run is counted there at the end.
  explicit Api(std::string run = {});
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api();

  Answer get(const std::string& path) const { return call("GET", path, {}); }
  Answer post(const std::string& path, const llvm::json::Value& body) const;
  Answer remove(const std::string& path) const { return call("DELETE", path, {}); }

  /// A word of a path or a query, percent-encoded.
  static std::string word(llvm::StringRef text);

 private:
  Answer call(const char* method, const std::string& path, const std::string& body) const;
  Answer callSocket(const char* method, const std::string& path, const std::string& body) const;
  Answer callProgram(const char* method, const std::string& path, const std::string& body) const;
  std::string run_, socket_, token_, namespace_, program_, address_;
  mutable run::CallCounts counts_;
};

/// A variable of the environment; empty where it is not set.
std::string variable(const char* name);
/// A text of an answer; empty where there is none.
std::string text(const llvm::json::Object& object, llvm::StringRef key);

}  // namespace wfc::nomad
