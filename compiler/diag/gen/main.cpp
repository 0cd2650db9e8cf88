// wfc-catalog: turns the catalogue of diagnostics into C++ or into its reference page.
//
//   wfc-catalog --cpp DIR syntax.toml check.toml …     DIR/catalog.h, catalog.cpp, catalog/STAGE.h
//   wfc-catalog --docs FILE syntax.toml check.toml …   FILE
//
// It is a part of the build and never shipped.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/base/filesystem.h"
#include "compiler/diag/gen/catalog.h"

namespace {

using namespace wfc;
using namespace wfc::diag;

std::string stageOf(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);
  return std::string(path.substr(0, path.find('.')));
}

int failed(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return 1;
}

int writeAll(base::FileSystem& files, const std::vector<gen::Output>& outputs) {
  for (const gen::Output& output : outputs) {
    if (std::error_code error = files.write(output.path, output.text)) {
      return failed(output.path + ": " + error.message());
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return failed("usage: wfc-catalog --cpp DIR | --docs FILE  CATALOGUE…");
  std::string mode = argv[1], target = argv[2];
  auto files = base::realFileSystem();
  std::vector<gen::CatalogFile> catalogs;
  std::vector<std::string> stages;
  for (int i = 3; i < argc; ++i) {
    auto text = files->read(argv[i]);
    if (!text) return failed(std::string(argv[i]) + ": " + text.getError().message());
    catalogs.push_back({argv[i], *text});
    stages.push_back(stageOf(argv[i]));
  }
  std::vector<std::string> errors;
  std::vector<gen::EntryDef> entries = gen::readCatalogs(catalogs, errors);
  for (const std::string& error : errors) failed(error);
  if (!errors.empty()) return 1;
  if (mode == "--docs") return writeAll(*files, {{target, gen::writeDocs(entries)}});
  std::vector<gen::Output> outputs = gen::writeCpp(entries, stages);
  for (gen::Output& output : outputs) output.path = target + "/" + output.path;
  return writeAll(*files, outputs);
}
