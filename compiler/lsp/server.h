// The language server: takes the bodies of messages, gives the bodies of answers.
//
// It reads no input and knows no clock; who drives it hands messages in, and calls `work` while
// none wait. One message is answered after the other, so an answer is always about the text as it
// was when the request came.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "compiler/lsp/workspace.h"

namespace wfc::lsp {

class Server {
 public:
  Server(const Services& services, std::function<void(std::string)> send);
  ~Server();

  /// Takes a message; nothing is answered yet. One that is no JSON is answered at once.
  void take(const std::string& body);
  /// Says that what came was no message.
  void refuse(std::string_view why);
  /// True if a message waits.
  bool hasMessages() const;
  /// Does one thing that waits: a message, else the reports of a text that has changed. False if
  /// nothing waits.
  bool work();
  /// After `exit`: the status of the process.
  std::optional<int> exitStatus() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wfc::lsp
