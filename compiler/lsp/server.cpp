// See server.h. The table of methods, the life of a session, and what keeps texts in step.
#include "compiler/lsp/server.h"

#include "fmt/format.h"

#include "compiler/lsp/session.h"
#include "compiler/lsp/wire.h"

namespace wfc::lsp {

namespace {

constexpr int kParseError = -32700, kInvalidRequest = -32600, kMethodNotFound = -32601,
              kNotInitialized = -32002, kCancelled = -32800;

struct Method {
  StringRef name;
  Reply (*answer)(Session& session, In params);
};

constexpr Method kMethods[] = {
    {"textDocument/hover", hover},
    {"textDocument/completion", completion},
    {"textDocument/signatureHelp", signatureHelp},
    {"textDocument/definition", definition},
    {"textDocument/references", references},
    {"textDocument/documentHighlight", documentHighlight},
    {"textDocument/prepareRename", prepareRename},
    {"textDocument/rename", rename},
    {"textDocument/codeAction", codeAction},
    {"textDocument/codeLens", codeLens},
    {"textDocument/inlayHint", inlayHint},
    {"textDocument/formatting", formatting},
    {"textDocument/documentSymbol", documentSymbol},
    {"textDocument/foldingRange", foldingRange},
    {"textDocument/semanticTokens/full", semanticTokens},
    {"textDocument/semanticTokens/range", semanticTokensRange},
    {"workspace/symbol", workspaceSymbol},
    {"wfc/graph", graph},
    {"wfc/text", textOf},
};

json::Object capabilities(const Client& client) {
  const char* encoding = client.unit == Unit::Utf8    ? "utf-8"
                         : client.unit == Unit::Utf16 ? "utf-16"
                                                      : "utf-32";
  return json::Object{
      {"positionEncoding", encoding},
      {"textDocumentSync", json::Object{{"openClose", true}, {"change", 2}}},
      {"hoverProvider", true},
      {"completionProvider", json::Object{{"triggerCharacters", json::Array{".", "\"", "("}}}},
      {"signatureHelpProvider", json::Object{{"triggerCharacters", json::Array{"(", ","}}}},
      {"definitionProvider", true},
      {"referencesProvider", true},
      {"documentHighlightProvider", true},
      {"documentSymbolProvider", true},
      {"workspaceSymbolProvider", true},
      {"codeActionProvider", json::Object{{"codeActionKinds", json::Array{"quickfix"}}}},
      {"codeLensProvider", json::Object{}},
      {"documentFormattingProvider", true},
      {"renameProvider", json::Object{{"prepareProvider", true}}},
      {"foldingRangeProvider", true},
      {"inlayHintProvider", true},
      {"semanticTokensProvider",
       json::Object{{"legend", tokenLegend()}, {"full", true}, {"range", true}}},
      {"workspace",
       json::Object{
           {"workspaceFolders", json::Object{{"supported", true}, {"changeNotifications", true}}}}},
  };
}

void readClient(In params, Client& client) {
  In text = params["capabilities"]["textDocument"];
  for (In unit : params["capabilities"]["general"]["positionEncodings"].items())
    if (unit.text() == "utf-8") client.unit = Unit::Utf8;
  for (In format : text["hover"]["contentFormat"].items())
    client.hasMarkdown |= format.text() == "markdown";
  client.hasNestedSymbols = text["documentSymbol"]["hierarchicalDocumentSymbolSupport"].isTrue();
  client.mayWatch =
      params["capabilities"]["workspace"]["didChangeWatchedFiles"]["dynamicRegistration"].isTrue();
  In options = params["initializationOptions"];
  client.hasStdlib = options["stdlib"].isTrue();
  client.site = options["site"].text().str();
}

}  // namespace

struct Server::State {
  State(const Services& services, std::function<void(std::string)> send)
      : session{services, Workspace(services), {}}, send(std::move(send)) {}

  Session session;
  std::function<void(std::string)> send;
  std::deque<json::Object> waiting;
  enum { New, Running, ShutDown } life = New;
  std::optional<int> exit;

  void write(json::Object message) {
    message["jsonrpc"] = "2.0";
    send(text(json::Value(std::move(message))));
  }
  static std::string text(const json::Value& value) {
    std::string out;
    llvm::raw_string_ostream stream(out);
    stream << value;
    return out;
  }
  void refuse(json::Value id, int code, const std::string& message) {
    write(json::Object{{"id", std::move(id)},
                       {"error", json::Object{{"code", code}, {"message", clean(message)}}}});
  }

  void handle(json::Object message);
  void answer(json::Value id, StringRef method, In params);
  void notice(StringRef method, In params);
  void initialize(json::Value id, In params);
  void initialized();
  void cancel(In id);
  void didOpen(In params);
  void didChange(In params);
  void didClose(In params);
  void changeFolders(In params);
  bool report();
};

Server::Server(const Services& services, std::function<void(std::string)> send)
    : state_(std::make_unique<State>(services, std::move(send))) {}
Server::~Server() = default;

std::optional<int> Server::exitStatus() const { return state_->exit; }

void Server::refuse(std::string_view why) {
  state_->refuse(nullptr, kParseError, std::string(why));
}

void Server::take(const std::string& body) {
  if (isTooDeep(body)) return refuse("brackets go too deep");
  llvm::Expected<json::Value> value = json::parse(body);
  if (!value) return refuse(llvm::toString(value.takeError()));
  json::Object* message = value->getAsObject();
  if (!message) return state_->refuse(nullptr, kInvalidRequest, "a message is an object");
  // What waits is taken back at once; what is being worked on is quick.
  if (message->getString("method") == "$/cancelRequest")
    return state_->cancel(In(message->get("params"))["id"]);
  state_->waiting.push_back(std::move(*message));
}

bool Server::hasMessages() const { return !state_->waiting.empty(); }

bool Server::work() {
  if (state_->exit) return false;
  if (state_->waiting.empty()) return state_->report();
  json::Object message = std::move(state_->waiting.front());
  state_->waiting.pop_front();
  state_->handle(std::move(message));
  return true;
}

void Server::State::cancel(In id) {
  for (auto it = waiting.begin(); it != waiting.end(); ++it) {
    const json::Value* own = it->get("id");
    if (!own || !id.value() || *own != *id.value() || !it->get("method")) continue;
    json::Value copy = *own;
    waiting.erase(it);
    return refuse(std::move(copy), kCancelled, "cancelled");
  }
}

void Server::State::handle(json::Object message) {
  const json::Value* id = message.get("id");
  std::optional<StringRef> method = message.getString("method");
  bool isAnswer = !method && (message.get("result") || message.get("error"));
  if (isAnswer) return;
  bool isId = id && (id->getAsInteger() || id->getAsString());
  if (!method || (id && !isId && id->kind() != json::Value::Null))
    return refuse(isId ? *id : json::Value(nullptr), kInvalidRequest, "not a request");
  In params(message.get("params"));
  if (isId) return answer(*id, *method, params);
  notice(*method, params);
}

void Server::State::answer(json::Value id, StringRef method, In params) {
  if (method == "initialize") return initialize(std::move(id), params);
  if (life == New) return refuse(std::move(id), kNotInitialized, "not initialized");
  if (life == ShutDown) return refuse(std::move(id), kInvalidRequest, "shut down");
  if (method == "shutdown") {
    life = ShutDown;
    return write(json::Object{{"id", std::move(id)}, {"result", nullptr}});
  }
  for (const Method& known : kMethods) {
    if (known.name != method) continue;
    Reply reply = known.answer(session, params);
    if (reply.refusal)
      return refuse(std::move(id), reply.refusal->code, std::move(reply.refusal->message));
    if (reply.raw)
      return send(fmt::format("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{}}}", text(id),
                              reply.raw->text));
    return write(json::Object{{"id", std::move(id)}, {"result", std::move(reply.value)}});
  }
  refuse(std::move(id), kMethodNotFound, "no method `" + method.str() + "`");
}

void Server::State::initialize(json::Value id, In params) {
  if (life != New) return refuse(std::move(id), kInvalidRequest, "initialized already");
  life = Running;
  readClient(params, session.client);
  for (In folder : params["workspaceFolders"].items())
    session.workspace.folders.push_back(pathOf(folder["uri"].text()));
  bool hasRoot = session.workspace.folders.empty() && !params["rootUri"].text().empty();
  if (hasRoot) session.workspace.folders.push_back(pathOf(params["rootUri"].text()));
  std::string& site = session.client.site;
  bool isRelative = !site.empty() && site.front() != '/' && !session.workspace.folders.empty();
  if (isRelative) site = session.workspace.folders.front() + "/" + site;
  write(json::Object{
      {"id", std::move(id)},
      {"result",
       json::Object{
           {"capabilities", capabilities(session.client)},
           {"serverInfo", json::Object{{"name", "wfc"}, {"version", session.services.version}}}}}});
}

void Server::State::initialized() {
  if (!session.client.mayWatch) return;
  json::Array watchers{json::Object{{"globPattern", "**/*.{wf,csv,toml}"}}};
  json::Array wanted{
      json::Object{{"id", "files"},
                   {"method", "workspace/didChangeWatchedFiles"},
                   {"registerOptions", json::Object{{"watchers", std::move(watchers)}}}}};
  write(json::Object{{"id", "files"},
                     {"method", "client/registerCapability"},
                     {"params", json::Object{{"registrations", std::move(wanted)}}}});
}

void Server::State::notice(StringRef method, In params) {
  if (method == "exit") {
    exit = life == ShutDown ? 0 : 1;
    return;
  }
  if (life != Running) return;
  if (method == "initialized") return initialized();
  if (method == "textDocument/didOpen") return didOpen(params);
  if (method == "textDocument/didChange") return didChange(params);
  if (method == "textDocument/didClose") return didClose(params);
  if (method == "workspace/didChangeWorkspaceFolders") return changeFolders(params);
  if (method == "workspace/didChangeWatchedFiles")
    for (In change : params["changes"].items())
      session.workspace.changed(pathOf(change["uri"].text()));
}

void Server::State::changeFolders(In params) {
  std::vector<std::string>& folders = session.workspace.folders;
  for (In folder : params["event"]["removed"].items())
    std::erase(folders, pathOf(folder["uri"].text()));
  for (In folder : params["event"]["added"].items())
    folders.push_back(pathOf(folder["uri"].text()));
}

void Server::State::didOpen(In params) {
  In given = params["textDocument"];
  if (given["uri"].text().empty()) return;
  Document document;
  document.text = Text(given["text"].text().str());
  document.version = given["version"].number().value_or(0);
  document.uri = given["uri"].text().str();
  session.workspace.open(pathIn(params), std::move(document));
}

void Server::State::didChange(In params) {
  std::string path = pathIn(params);
  Document* document = session.workspace.find(path);
  if (!document) return;
  for (In change : params["contentChanges"].items()) {
    if (!change["range"].isThere()) {
      document->text = Text(change["text"].text().str());
      continue;
    }
    uint32_t begin = session.offsetOf(document->text, change["range"]["start"]);
    uint32_t end = session.offsetOf(document->text, change["range"]["end"]);
    document->text.replace(begin, end, std::string_view(change["text"].text()));
  }
  document->version = params["textDocument"]["version"].number().value_or(document->version);
  session.workspace.changed(path);
}

void Server::State::didClose(In params) {
  std::string path = pathIn(params);
  Document* document = session.workspace.find(path);
  if (!document) return;
  std::string uri = document->uri;
  session.workspace.close(path);
  write(json::Object{{"method", "textDocument/publishDiagnostics"},
                     {"params", json::Object{{"uri", uri}, {"diagnostics", json::Array{}}}}});
}

bool Server::State::report() {
  for (auto& [path, document] : session.workspace.documents()) {
    if (!document.isStale) continue;
    document.isStale = false;
    auto snapshot = session.workspace.at(path);
    if (!snapshot) return true;
    write(json::Object{{"method", "textDocument/publishDiagnostics"},
                       {"params", json::Object{{"uri", document.uri},
                                               {"version", document.version},
                                               {"diagnostics", reportsOf(session, *snapshot)}}}});
    // It has been told; the next letter is not there yet.
    session.workspace.tidy();
    return true;
  }
  return false;
}

}  // namespace wfc::lsp
