// Reads a run's ledger, has its journals folded into one, empties the files that it still holds, as
// a file server does when another node has removed them, and reads each line again:
// wfc-lines RUN, which prints how many are the same.
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include "runtime/ledger/journal.h"

using namespace wfc::run;

int main(int count, char** words) {
  if (count != 2) return std::fputs("wfc-lines RUN\n", stderr), 2;
  History history;
  std::vector<std::pair<uint64_t, std::string>> lines;
  std::string error = history.read(
      words[1], [&](const Record& record) { lines.emplace_back(record.place, encode(record)); });
  std::string folder = std::string(words[1]) + "/ledger";
  std::vector<int> held;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("journal."))
      held.push_back(::open(entry.path().c_str(), O_WRONLY | O_CLOEXEC));
  }
  Series(folder, "journal.").fold(0, [](const Series::File&) { return true; });
  for (int fd : held) {
    if (::ftruncate(fd, 0) != 0) return 1;
  }
  size_t same = 0;
  for (const auto& [place, line] : lines) same += history.lineAt(place) + "\n" == line;
  std::printf("%zu journals, %zu lines, %zu the same%s\n", held.size(), lines.size(), same,
              error.c_str());
  return 0;
}
