// The extension for VS Code: starts `wfc lsp`, runs wfc in a terminal, and shows the picture of a flow beside its text. All that is known
// of a text is the server's.
const path = require("path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function settings() {
  return vscode.workspace.getConfiguration("wfc");
}

function startClient() {
  const server = { command: settings().get("path"), args: ["lsp"] };
  client = new LanguageClient("wfc", "wfc", server, {
    documentSelector: [{ language: "wfc" }],
    initializationOptions: { site: settings().get("site"), stdlib: true },
  });
  return client.start();
}

// ---- commands of lenses

function fileOf(uri) {
  const document = vscode.window.activeTextEditor?.document;
  return uri ? vscode.Uri.parse(uri).fsPath : document?.fileName;
}

function runInTerminal(program, words) {
  const terminal = vscode.window.terminals.find((each) => each.name === "wfc") ?? vscode.window.createTerminal("wfc");
  terminal.show(true);
  const quoted = (word) => (/^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  terminal.sendText([program, ...words].map(quoted).join(" "));
}

async function runVerb(verb, uri, flow) {
  const file = fileOf(uri);
  if (!file) return;
  await vscode.workspace.textDocuments.find((each) => each.fileName === file)?.save();
  runInTerminal(settings().get("path"), [verb, file, ...(flow ? ["--flow", flow] : [])]);
}

function showStatus(uri) {
  const file = fileOf(uri);
  if (!file) return;
  const wfc = settings().get("path");
  const wfr = path.join(path.dirname(wfc), path.basename(wfc).replace("wfc", "wfr"));
  const run = path.join(path.dirname(file), ".wfc", path.basename(file, ".wf"), "run");
  runInTerminal(wfr, ["status", run]);
}

// ---- the picture

const PAGE = (svg) => `<!DOCTYPE html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<style>body{margin:0;background:#fff} svg{max-width:100%;height:auto} rect[data-family]{cursor:pointer} rect.here{stroke-width:3}
#note{font:13px system-ui;color:#8a1f11;padding:8px 28px}</style></head><body><div id="note"></div><div id="flow">${svg}</div><script>
const api = acquireVsCodeApi();
const mark = (name) => document.querySelectorAll("rect[data-family]").forEach((box) => box.classList.toggle("here", box.dataset.family === name));
document.addEventListener("click", (event) => event.target.dataset?.family && api.postMessage(event.target.dataset.family));
addEventListener("message", ({ data }) => {
  if (data.svg) document.getElementById("flow").innerHTML = data.svg;
  if (data.note !== undefined) document.getElementById("note").textContent = data.note;
  mark(data.family);
});
</script></body></html>`;

/** One panel, which follows the text that is looked at. */
class Picture {
  constructor() {
    this.families = [];
    this.panel = vscode.window.createWebviewPanel("wfc.graph", "Flow", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { enableScripts: true });
    this.panel.webview.html = PAGE("");
    this.panel.webview.onDidReceiveMessage((family) => this.reveal(family));
    const watching = [
      vscode.workspace.onDidChangeTextDocument(({ document }) => document === this.editor?.document && this.redrawSoon()),
      vscode.window.onDidChangeActiveTextEditor((editor) => this.follow(editor)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => textEditor === this.editor && this.post({})),
    ];
    this.panel.onDidDispose(() => watching.forEach((each) => each.dispose()));
  }

  follow(editor) {
    if (editor?.document.languageId !== "wfc") return;
    this.editor = editor;
    return this.redraw();
  }

  redrawSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.redraw(), 250);
  }

  async redraw() {
    try {
      const drawn = await client.sendRequest("wfc/graph", { textDocument: { uri: this.editor.document.uri.toString() } });
      this.families = drawn.families;
      this.post({ svg: drawn.svg, note: "" });
    } catch (error) {
      // The last picture stays, with what is wrong above it.
      this.post({ note: error.message });
    }
  }

  /** The family whose name stands on the line of the cursor, or last above it. */
  here() {
    const line = this.editor.selection.active.line;
    const above = this.families.filter((each) => each.range.start.line <= line);
    return above.sort((a, b) => a.range.start.line - b.range.start.line).pop()?.name;
  }

  post(message) {
    this.panel.webview.postMessage({ ...message, family: this.here() });
  }

  async reveal(name) {
    const family = this.families.find((each) => each.name === name);
    if (!family) return;
    const range = client.protocol2CodeConverter.asRange(family.range);
    await vscode.window.showTextDocument(this.editor.document, { viewColumn: this.editor.viewColumn, selection: range });
  }
}

let picture;

async function showGraph() {
  const editor = vscode.window.activeTextEditor;
  if (!picture) {
    picture = new Picture();
    picture.panel.onDidDispose(() => (picture = undefined));
  }
  picture.panel.reveal(undefined, true);
  await picture.follow(editor);
}

// ---- life

async function activate(context) {
  const command = (name, run) => context.subscriptions.push(vscode.commands.registerCommand(name, run));
  for (const verb of ["build", "plan", "run"]) command(`wfc.${verb}`, (uri, flow) => runVerb(verb, uri, flow));
  command("wfc.status", showStatus);
  command("wfc.graph", showGraph);
  command("wfc.restart", () => client.restart());
  // Texts of the standard library, which are in no folder.
  const library = { provideTextDocumentContent: (uri) => client.sendRequest("wfc/text", { textDocument: { uri: uri.toString() } }) };
  context.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider("wfc-stdlib", library));
  await startClient();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
