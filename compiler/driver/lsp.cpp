// `wfc lsp`: the language server over standard input and output.
//
// One thread: what has come is read before each piece of work, so that a request that was taken
// back is never begun.
#include <cerrno>
#include <filesystem>
#include <map>
#include <poll.h>
#include <unistd.h>

#include "fmt/format.h"
#include "llvm/ADT/SmallVector.h"

#include "compiler/driver/graph/graph.h"
#include "compiler/driver/process.h"
#include "compiler/driver/recipe.h"
#include "compiler/lsp/server.h"
#include "compiler/lsp/wire.h"
#include "compiler/pass/pass.h"

namespace wfc::driver {

namespace {

/// How long a text waits to be looked at: a request that comes with a letter goes first.
constexpr int kPauseMs = 1;

/// Reads what is there, waiting so long for some (negative: for ever); false at the end of the
/// input.
bool readInput(lsp::Decoder& decoder, int waitMs) {
  for (;;) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    int ready = ::poll(&input, 1, waitMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return ready == 0;
    char buffer[1 << 16];
    ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    decoder.feed({buffer, static_cast<size_t>(got)});
    waitMs = 0;
  }
}

void writeOutput(std::string_view text) {
  while (!text.empty()) {
    ssize_t put = ::write(STDOUT_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    // Nobody reads any more: the end of the input will say so too.
    if (put <= 0) return;
    text.remove_prefix(static_cast<size_t>(put));
  }
}

std::string picture(ir::Module module) {
  source::Sources none;
  diag::Emitter ignored;
  pass::Context context{.sources = none, .emitter = ignored};
  graph::Graph graph = graph::graphOf(pass::prune(std::move(module), context));
  graph::layOut(graph);
  return graph::svg(graph);
}

/// `ended: 30 ok, 4 failed`, as `wfr status` has it, summed over the families.
std::string lastRun(const std::string& path) {
  std::string run = cacheOf(path) + "/run";
  std::error_code none;
  if (!std::filesystem::exists(run, none)) return {};
  std::optional<Ran> ran = runProgram({runtimePath(), "status", run});
  if (!ran || ran->status != 0) return {};
  auto [head, rest] = llvm::StringRef(ran->output).split('\n');
  std::map<std::string, uint64_t> counts;
  for (; rest.starts_with("  "); rest = rest.split('\n').second) {
    llvm::SmallVector<llvm::StringRef, 16> words;
    rest.split('\n').first.split(words, ' ', -1, false);
    for (size_t n = 1; n + 1 < words.size(); ++n)
      if (uint64_t count = 0; !words[n].getAsInteger(10, count))
        counts[words[n + 1].rtrim(',').str()] += count;
  }
  std::string text = head.split(": ").second.str();
  const char* separator = ": ";
  for (const auto& [state, count] : counts) {
    text += fmt::format("{}{} {}", separator, count, state);
    separator = ", ";
  }
  return text;
}

void takeFrames(lsp::Decoder& decoder, lsp::Server& server) {
  while (std::optional<lsp::Frame> frame = decoder.next())
    if (frame->error.empty())
      server.take(frame->body);
    else
      server.refuse(frame->error);
}

}  // namespace

int runLsp(Session& session) {
  lsp::Services services{.files = *session.files,
                         .stdlib = stdlibModule,
                         .picture = picture,
                         .lastRun = lastRun,
                         .actions = {},
                         .version = std::string(version())};
  for (const Command& command : commands())
    for (const char* name : {"build", "plan", "run"})
      if (command.name == name) services.actions.push_back(name);
  lsp::Server server(services, [](const std::string& body) { writeOutput(lsp::frameOf(body)); });
  lsp::Decoder decoder;
  bool hasWork = false, isOpen = true;
  while (isOpen || hasWork) {
    int waitMs = server.hasMessages() ? 0 : hasWork ? kPauseMs : -1;
    isOpen = isOpen && readInput(decoder, waitMs);
    takeFrames(decoder, server);
    hasWork = server.work();
    if (std::optional<int> status = server.exitStatus()) return *status;
  }
  return Errors;
}

}  // namespace wfc::driver
