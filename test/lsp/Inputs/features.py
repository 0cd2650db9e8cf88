"""What an editor shows, feature by feature: prints what a reader would see, and features.test says what that is."""

from lsprotocol import types

from editor import Editor, run

FLOW = """import geo

/// Fields of one day.
kind Model = file "pt"
enum Quality { draft, final }
record Area { id: String key, size: Float = 1.0 }

program trainer = "train.py" {
  /// How much is learned.
  --rate: Float = 0.1,
  --start-date: Date,
  --output: out Model
}

/// Trains for one window.
task train = trainer {
  needs cpus 96, memory 176GiB, time 8h
  retry 2 on failed with memory * 2
}
task score(model: Model, quality: Quality = draft) -> value: file {
  needs cpus 1, memory 1GiB, time 30min
  sh "test @{model} > @{value}"
}
flow main(days: Int = 3) {
  windows = every 30d from 2025-01-01 until 2025-12-31
  for w in windows {
    model = train(start_date: w.first_day)
    scored = score(model, quality: final)
  }
  tile = geo.cut(count: days)
}
"""
GEO = """//! Tiles of maps.
/// A tile of a map.
export kind Tile = file "tif"
/// Cuts a tile.
export task cut(count: Int) -> tile: Tile {
  needs cpus 1, memory 1GiB, time 1min
  sh "echo @{count} > @{tile}"
}
"""


def show(title, *lines):
    print(f"== {title}")
    for line in lines:
        print(line)


async def hovers(editor):
    for word, nth in (("model =", 0), ("train(", 0), ("start_date", 0), ("w.first_day", 0), ("geo.cut", 0), ("cut(", 0), ("days)", 0), ("final)", 0), ("8h", 0)):
        found = await editor.text_document_hover_async(types.HoverParams(**editor.at("main.wf", editor.find("main.wf", word, nth))))
        show(f"hover {word}", found.contents.value.replace("\n\n", "\n"), "at " + editor.text_at("main.wf", found.range))


async def navigation(editor):
    for word in ("train(", "first_day)", "cut(", "draft {", "geo.cut", "trainer {\n  needs", "Model,"):
        if word not in editor.texts["main.wf"]:
            continue
        found = await editor.text_document_definition_async(types.DefinitionParams(**editor.at("main.wf", editor.find("main.wf", word))))
        show(f"definition {word!r}", *[f"{each.uri.rsplit('/', 1)[1]} {each.range.start.line}" for each in found])
    for name, word in (("main.wf", "model = train"), ("geo.wf", "cut("), ("main.wf", "windows")):
        params = types.ReferenceParams(types.ReferenceContext(True), **editor.at(name, editor.find(name, word)))
        found = await editor.text_document_references_async(params)
        show(f"references {word!r}", *[f"{each.uri.rsplit('/', 1)[1]} {each.range.start.line}:{each.range.start.character}" for each in found])
    found = await editor.text_document_document_highlight_async(types.DocumentHighlightParams(**editor.at("main.wf", editor.find("main.wf", "w in"))))
    show("highlight w", *[f"{each.range.start.line}:{each.range.start.character}" for each in found])


async def renames(editor):
    for name, word, new in (("geo.wf", "cut(", "carve"), ("main.wf", "model = train", "weights"), ("main.wf", "quality: Quality", "level"), ("main.wf", "model: Model", "net")):
        params = types.RenameParams(new_name=new, **editor.at(name, editor.find(name, word)))
        edit = await editor.text_document_rename_async(params)
        lines = []
        for uri, edits in sorted(edit.changes.items()):
            file = uri.rsplit("/", 1)[1]
            lines += [f"{file} {each.range.start.line}: {editor.text_at(file, each.range)} -> {each.new_text}" for each in edits]
        show(f"rename {word!r}", *lines)
    for name, word, new in (("main.wf", "rate: Float", "x"), ("main.wf", "geo.cut", "x"), ("main.wf", "windows", "if"), ("main.wf", "train = ", "score")):
        try:
            await editor.text_document_rename_async(types.RenameParams(new_name=new, **editor.at(name, editor.find(name, word))))
            show(f"rename {word!r} to {new}", "done")
        except Exception as error:  # noqa: BLE001
            show(f"rename {word!r} to {new}", f"refused: {error}")


async def completions(editor):
    cases = (
        "flow f(days: Int) {\n  |\n}\n",
        "task a() -> x: file {\n  needs cpus 1, m|\n  sh \"true\"\n}\n",
        "task a() -> x: file {\n  |\n}\n",
        "enum Q { draft, final }\ntask a(q: Q) -> x: file { needs cpus 1, memory 1GiB, time 1min  sh \"@{q.|} > @{x}\" }\n",
        "program p = \"p\" { --rate: Float, --start-date: Date, --o: out file }\ntask t = p { needs cpus 1 }\nflow f { a = t(rate: 1.0, |) }\n",
        "kind Tile = file\ntask a() -> x: Ti| { sh \"true\" }\n",
        "import geo\nflow f { a = geo.| }\n",
        "flow f { for w in every 1d from 2025-01-01 until 2025-01-05 { a = w.l| } }\n",
        "task a() -> x: file { needs cpus 1, partition \"|\"  sh \"true\" }\n",
        "task a() -> x: file { needs cpus 1  retry 2 on | }\n",
        "flow f(days: Int) {\n  data = days\n  for n in [1, 2] {\n    more = nothing(n, |)\n  }\n}\n",
        "flow f {\n  pool p { needs nodes 2, r| }\n}\n",
        "flow f {\n  ready = await \"a.nc\" |\n}\n",
        "// no names here: |\n",
        "|",
    )
    for number, text in enumerate(cases):
        name = f"c{number}.wf"
        at = editor.open(name, text)
        found = await editor.text_document_completion_async(types.CompletionParams(**editor.at(name, at)))
        show(f"completion {text.splitlines()[at.line].strip()!r}", " ".join(item.label for item in found.items[:40]))
        editor.close(name)


async def rest(editor):
    name = "main.wf"
    at = editor.position(name, editor.texts[name].index("quality: final"))
    found = await editor.text_document_signature_help_async(types.SignatureHelpParams(**editor.at(name, at)))
    signature = found.signatures[0]
    begin, end = signature.parameters[found.active_parameter].label
    show("signature", signature.label, signature.label[begin:end])
    symbols = await editor.text_document_document_symbol_async(types.DocumentSymbolParams(editor.document(name)))
    show("symbols", *[f"{each.kind.name} {each.name}: {' '.join(part.name for part in each.children or [])}" for each in symbols])
    found = await editor.workspace_symbol_async(types.WorkspaceSymbolParams("ct"))
    show("workspace symbols of ct", *[f"{each.name} {each.location.uri.rsplit('/', 1)[1]}" for each in found])
    found = await editor.text_document_folding_range_async(types.FoldingRangeParams(editor.document(name)))
    show("folds", " ".join(f"{each.start_line}-{each.end_line}" for each in found))
    whole = types.Range(types.Position(0, 0), types.Position(99, 0))
    found = await editor.text_document_inlay_hint_async(types.InlayHintParams(editor.document(name), whole))
    show("hints", *[f"{each.position.line}: {each.label}" for each in found])
    found = await editor.text_document_code_lens_async(types.CodeLensParams(editor.document(name)))
    show("lenses", *[f"{each.range.start.line}: {each.command.title} = {each.command.command}" for each in found])
    # One that was run: the test has done so.
    editor.open("ran.wf", (editor.folder / "ran.wf").read_text())
    found = await editor.text_document_code_lens_async(types.CodeLensParams(editor.document("ran.wf")))
    show("lenses of a flow that was run", *[each.command.title for each in found])
    found = await editor.protocol.send_request_async("wfc/graph", {"textDocument": {"uri": editor.uri(name)}})
    show("graph", found.svg.split(" ")[0], *[f"{each.name} {each.range.start.line}" for each in found.families])


async def tokens(editor):
    name = "main.wf"
    legend = editor.server.capabilities.semantic_tokens_provider.legend
    found = await editor.text_document_semantic_tokens_full_async(types.SemanticTokensParams(editor.document(name)))
    line = column = 0
    lines = []
    for n in range(0, len(found.data), 5):
        down, right, width, kind, bits = found.data[n:n + 5]
        line, column = line + down, right if down else column + right
        word = editor.text_at(name, types.Range(types.Position(line, column), types.Position(line, column + width)))
        flags = [flag for bit, flag in enumerate(legend.token_modifiers) if bits >> bit & 1]
        lines.append(" ".join([f"{line}", word, legend.token_types[kind], *flags]))
    show("tokens", *lines)


async def main(wfc, folder):
    async with Editor(wfc, folder) as editor:
        editor.open("geo.wf", GEO)
        editor.open("main.wf", FLOW)
        show("reports", *[each.message for each in await editor.reported("main.wf")])
        await hovers(editor)
        await navigation(editor)
        await renames(editor)
        await completions(editor)
        await rest(editor)
        await tokens(editor)


run(main)
