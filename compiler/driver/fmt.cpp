// `wfc fmt FILE|FOLDER…`: gives texts the one layout, in place.
#include <cstdlib>
#include <filesystem>

#include "fmt/format.h"

#include "compiler/diag/catalog/driver.h"
#include "compiler/driver/process.h"
#include "compiler/driver/session.h"
#include "compiler/format/format.h"

namespace wfc::driver {

namespace {

/// Files as they are; of folders every `.wf` below, hidden folders and links left out.
void gather(Session& session, const std::string& path, bool isNamed,
            std::vector<std::string>& found) {
  auto entries = session.files->list(path);
  if (!entries) {
    if (isNamed || llvm::StringRef(path).ends_with(".wf")) found.push_back(path);
    return;
  }
  for (const base::DirectoryEntry& entry : *entries) {
    std::string below = path == "." ? entry.name : path + "/" + entry.name;
    bool isHidden = entry.name.starts_with(".");
    bool isWanted = entry.isDirectory || llvm::StringRef(entry.name).ends_with(".wf");
    if (!isHidden && isWanted) gather(session, below, false, found);
  }
}

/// As `diff -u` shows it.
std::string differenceOf(const std::string& path, std::string_view before, std::string_view after) {
  std::string folder = (std::filesystem::temp_directory_path() / "wfc-fmt.XXXXXX").string();
  if (!::mkdtemp(folder.data())) return {};
  std::unique_ptr<base::FileSystem> files = base::realFileSystem();
  std::vector<std::string> argv{"diff", "-u"};
  for (const char* name : {"a/", "b/"}) argv.insert(argv.end(), {"--label", name + path});
  for (auto [name, text] : {std::pair("a", before), std::pair("b", after)}) {
    argv.push_back(fmt::format("{}/{}", folder, name));
    (void)files->write(argv.back(), text);
  }
  std::optional<Ran> ran = runProgram(argv);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return ran ? ran->output : fmt::format("--- {0}\n+++ {0}\n(no `diff` here to show more)\n", path);
}

}  // namespace

int runFmt(Session& session) {
  bool isCheck = session.arguments.has("check"), isDiff = session.arguments.has("diff");
  std::vector<std::string> paths;
  for (const std::string& path : session.arguments.positional)
    if (path == "-")
      paths.push_back(path);
    else
      gather(session, path, true, paths);
  bool isStale = false;
  for (const std::string& path : paths) {
    source::FileId file = session.read(path);
    if (file == 0) continue;
    std::optional<std::string> text = format::format(session.sources, file, session.emitter);
    std::string_view before = session.sources.text(file);
    if (!text) continue;
    if (path == "-" && !isCheck && !isDiff) session.print(*text);
    if (*text == before) continue;
    isStale = true;
    if (isDiff)
      session.print(differenceOf(path, before, *text));
    else if (isCheck)
      session.print(path + "\n");
    else if (path != "-" && session.write(path, *text))
      session.print(path + "\n");
  }
  return session.finish(isCheck && isStale ? Errors : Good);
}

}  // namespace wfc::driver
