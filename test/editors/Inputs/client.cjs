// What the packed extension holds, and what its own protocol library makes of `wfc lsp`: client.cjs EXTENSION WFC FOLDER
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const { pathToFileURL } = require("url");

const [extension, wfc, folder] = process.argv.slice(2);
const wire = require(path.join(extension, "node_modules/vscode-languageserver-protocol/node"));

const FLOW = `kind Model = file "pt"
task train(n: Int) -> model: Model { needs cpus 1, memory 1GiB, time 30min  sh "echo @{n} > @{model}" }
flow main {
  for n in 1 .. 4 { model = train(n) }
  last = trian(5)
}
`;

function holdsItsCommands() {
  const named = JSON.parse(fs.readFileSync(path.join(extension, "package.json"))).contributes.commands.map((each) => each.command);
  const code = fs.readFileSync(path.join(extension, "extension.js"), "utf8");
  const registered = [...code.matchAll(/command\("(wfc\.\w+)"/g)].map((match) => match[1]);
  const verbs = /for \(const verb of (\[.*?\])\)/.exec(code)[1];
  for (const verb of JSON.parse(verbs)) registered.push(`wfc.${verb}`);
  console.log("commands", named.sort().join() === registered.sort().join() ? named.length : `differ: ${named} and ${registered}`);
}

async function main() {
  holdsItsCommands();
  const server = spawn(wfc, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  const connection = wire.createProtocolConnection(new wire.StreamMessageReader(server.stdout), new wire.StreamMessageWriter(server.stdin));
  connection.onError(([error]) => console.log("error", error.message));
  const reports = [];
  const waiting = [];
  connection.onNotification(wire.PublishDiagnosticsNotification.type, (params) => (waiting.shift() ?? ((each) => reports.push(each)))(params));
  const reported = () => new Promise((resolve) => (reports.length ? resolve(reports.shift()) : waiting.push(resolve)));
  connection.listen();

  const started = await connection.sendRequest(wire.InitializeRequest.type, {
    processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities: {}, initializationOptions: { site: "", stdlib: true } });
  console.log("position encoding", started.capabilities.positionEncoding);
  await connection.sendNotification(wire.InitializedNotification.type, {});
  const uri = pathToFileURL(path.join(folder, "main.wf")).href;
  await connection.sendNotification(wire.DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "wfc", version: 1, text: FLOW } });
  const [report] = (await reported()).diagnostics;
  console.log("report", report.code, report.message.split("\n")[0]);

  const [action] = await connection.sendRequest(wire.CodeActionRequest.type, { textDocument: { uri }, range: report.range, context: { diagnostics: [report] } });
  console.log("fix", action.title, action.edit.changes[uri][0].newText);
  const refused = await connection.sendRequest("wfc/graph", { textDocument: { uri } }).catch((error) => error.message);
  console.log("picture of a broken flow:", refused);
  const [edit] = action.edit.changes[uri];
  await connection.sendNotification(wire.DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 }, contentChanges: [{ range: edit.range, text: edit.newText }] });
  console.log("reports after it", (await reported()).diagnostics.length);
  const drawn = await connection.sendRequest("wfc/graph", { textDocument: { uri } });
  const boxes = [...drawn.svg.matchAll(/data-family="(\w+)"/g)].map((match) => match[1]);
  console.log("picture", boxes.join(" "), "=", drawn.families.map((each) => each.name).join(" "));
  const library = await connection.sendRequest("wfc/text", { textDocument: { uri: "wfc-stdlib:/move.wf" } });
  console.log("library", library.includes("export task"));

  await connection.sendRequest(wire.ShutdownRequest.type);
  await connection.sendNotification(wire.ExitNotification.type);
  console.log("exit", await ended);
}

main();
