#include "compiler/syntax/parse.h"
#include "compiler/syntax/print.h"
#include <cstdio>
#include <fstream>
#include <sstream>
using namespace wfc;
int main(int, char** argv) {
  source::Sources sources;
  std::ifstream in(argv[1]); std::stringstream s; s << in.rdbuf();
  auto id = sources.add(argv[1], s.str());
  diag::Emitter e;
  auto t = syntax::parse(sources, id, e);
  std::fputs(syntax::printTree(t).c_str(), stdout);
  for (auto& d : e.take()) { auto lc = sources.lineColumn(id, d.at.begin); std::printf("%u:%u: %s\n", lc.line, lc.column, d.text.c_str()); }
}
