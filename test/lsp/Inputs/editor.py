"""An editor without a screen: pygls' client, which holds every message against the protocol's model (lsprotocol)."""

import asyncio
import pathlib
import sys

from lsprotocol import types
from pygls.lsp.client import LanguageClient

WAIT = 60


class Editor(LanguageClient):
    """Starts `wfc lsp` in a folder; texts are opened from memory, and `|` in a text is the cursor."""

    def __init__(self, wfc, folder, encodings=None, options=None, markdown=False):
        super().__init__("wfc-test", "1")
        self.wfc, self.folder = wfc, pathlib.Path(folder).resolve()
        self.encodings, self.options = encodings, options
        self.formats = [types.MarkupKind.Markdown] if markdown else [types.MarkupKind.PlainText]
        self.texts, self.versions, self.reports, self.errors = {}, {}, {}, []
        self.arrived = asyncio.Event()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def reported(params):
            self.reports[params.uri] = params
            self.arrived.set()

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params):
            self.registrations = params.registrations

    def report_server_error(self, error, source):
        self.errors.append(f"{source.__name__}: {error}")

    async def __aenter__(self):
        await self.start_io(self.wfc, "lsp")
        text = types.TextDocumentClientCapabilities(
            hover=types.HoverClientCapabilities(content_format=self.formats),
            document_symbol=types.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True))
        work = types.WorkspaceClientCapabilities(
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True))
        self.server = await self.initialize_async(types.InitializeParams(
            capabilities=types.ClientCapabilities(
                general=types.GeneralClientCapabilities(position_encodings=self.encodings), text_document=text, workspace=work),
            initialization_options=self.options,
            workspace_folders=[types.WorkspaceFolder(self.folder.as_uri(), "folder")]))
        self.initialized(types.InitializedParams())
        return self

    async def __aexit__(self, kind, *_):
        if kind is None:
            await self.shutdown_async(None)
            self.exit(None)
            await asyncio.wait_for(self._server.wait(), WAIT)
            errors = (await self._server.stderr.read()).decode()
            assert self._server.returncode == 0, (self._server.returncode, errors)
            assert not errors, errors
            assert not self.errors, self.errors
            await self.stop()
        else:
            self._server.kill()

    def uri(self, name):
        return (self.folder / name).as_uri()

    def document(self, name):
        return types.TextDocumentIdentifier(self.uri(name))

    def open(self, name, text):
        """Opens a text; returns where its `|` was, which is no part of it."""
        at = text.find("|")
        text = text[:at] + text[at + 1:] if at >= 0 else text
        self.texts[name], self.versions[name] = text, 1
        self.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(name), "wfc", 1, text)))
        return self.position(name, at) if at >= 0 else None

    def close(self, name):
        self.text_document_did_close(types.DidCloseTextDocumentParams(self.document(name)))

    def width(self, text):
        encoding = self.server.capabilities.position_encoding
        return len(text.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(text.encode())

    def position(self, name, at):
        before = self.texts[name][:at]
        line = before.rfind("\n") + 1
        return types.Position(before.count("\n"), self.width(before[line:]))

    def find(self, name, word, nth=0):
        """The position of the nth such word."""
        at = -1
        for _ in range(nth + 1):
            at = self.texts[name].index(word, at + 1)
        return self.position(name, at)

    def change(self, name, begin, end, text):
        """Replaces the characters [begin, end), and tells so as an edit."""
        edit = types.TextDocumentContentChangePartial(types.Range(self.position(name, begin), self.position(name, end)), text)
        self.texts[name] = self.texts[name][:begin] + text + self.texts[name][end:]
        self.versions[name] += 1
        self.text_document_did_change(types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name)), [edit]))

    def replace(self, name, old, new):
        at = self.texts[name].index(old)
        self.change(name, at, at + len(old), new)

    def at(self, name, position):
        return {"text_document": self.document(name), "position": position}

    async def reported(self, name):
        """The reports of the text as it is now."""
        async with asyncio.timeout(WAIT):
            while True:
                found = self.reports.get(self.uri(name))
                if found and found.version == self.versions[name]:
                    return found.diagnostics
                self.arrived.clear()
                await self.arrived.wait()

    def text_at(self, name, range_):
        """What stands in a range, read back by the client's own counting."""
        def offset(position):
            lines = self.texts[name].split("\n")
            at, line = 0, lines[position.line]
            while self.width(line[:at]) < position.character:
                at += 1
            return sum(len(each) + 1 for each in lines[:position.line]) + at
        return self.texts[name][offset(range_.start):offset(range_.end)]


def run(main):
    """Runs a test; its arguments are those of the command line."""
    sys.stdout.reconfigure(line_buffering=True)
    asyncio.run(main(*sys.argv[1:]))
