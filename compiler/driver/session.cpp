// The doors to the outside: standard input, output and error, the terminal, the environment.
#include "compiler/driver/session.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "compiler/diag/catalog/driver.h"
#include "compiler/diag/present.h"

namespace wfc::driver {

namespace {

void writeAll(FILE* file, std::string_view text) { std::fwrite(text.data(), 1, text.size(), file); }

std::string readStandardInput() {
  std::string text;
  char buffer[1 << 16];
  while (size_t got = std::fread(buffer, 1, sizeof buffer, stdin)) text.append(buffer, got);
  return text;
}

}  // namespace

Session::Session(Arguments arguments, std::string program)
    : arguments(std::move(arguments)), program(std::move(program)) {}

source::FileId Session::read(const std::string& path) {
  if (path == "-") return sources.add("<stdin>", readStandardInput());
  if (source::FileId known = sources.find(path)) return known;
  llvm::ErrorOr<std::string> text = files->read(path);
  if (text) return sources.add(path, std::move(*text));
  emitter.report({}, diag::CannotReadFile{.path = path, .reason = text.getError().message()});
  return 0;
}

bool Session::write(const std::string& path, std::string_view text, bool isExecutable) {
  std::error_code error =
      files->write(path, text, isExecutable ? base::FileMode::Executable : base::FileMode::Plain);
  if (!error) return true;
  emitter.report({}, diag::CannotWriteFile{.path = path, .reason = error.message()});
  return false;
}

bool Session::writeFolder(const std::string& path, llvm::ArrayRef<base::FolderFile> folder) {
  std::error_code error = files->writeFolder(path, folder);
  if (!error) return true;
  emitter.report({}, diag::CannotWriteFile{.path = path, .reason = error.message()});
  return false;
}

void Session::print(std::string_view text) { writeAll(stdout, text); }

diag::Format Session::format() const {
  return diag::parseFormat(arguments.value("format", "text")).value_or(diag::Format::Text);
}

bool Session::hasColour(int stream) const {
  std::string wish = arguments.value("color", "auto");
  if (wish != "auto") return wish == "always";
  const char* no = std::getenv("NO_COLOR");
  return ::isatty(stream) && !(no && *no);
}

int Session::finish(int otherwise) {
  bool hasErrors = emitter.hasErrors();
  std::vector<diag::Diagnostic> shown =
      diag::present(sources, emitter.take(),
                    {.cap = arguments.has("all") ? size_t(0) : size_t(50), .reached = reached});
  diag::Format as = isForPeople_ ? diag::Format::Text : format();
  std::string text = diag::render(sources, shown, {.format = as, .colour = hasColour(2)});
  // What a program reads goes to standard output, what a person reads does not mix with results.
  writeAll(as == diag::Format::Text ? stderr : stdout, text);
  bool isBroken = std::fflush(stdout) != 0;
  return hasErrors || isBroken ? Errors : otherwise;
}

}  // namespace wfc::driver
