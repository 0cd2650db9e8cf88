// wfr-s3: `wfr move` where one side is an object store. Its table of verbs.
#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>

#include "compiler/base/manual.h"

#include "runtime/s3/command.h"

namespace wfc::s3 {

namespace {

std::vector<base::Flag> with(std::vector<base::Flag> own) {
  own.insert(
      own.end(),
      {{"--verify", "HOW",
        "written: each body is compared by the store with its SHA-256, each file here is read back "
        "(what happens if nothing is said); disk: read again from the store, or from the device; "
        "none"},
       {"--no-flush", "", "do not wait until everything is on this machine's disk"},
       {"--threads", "N", "at most so many requests at once"},
       {"--part-size", "BYTES", "of an upload in parts, 16MiB; at least 5MiB"},
       {"--patience", "TIME", "how long a store that is away or busy is asked again, 5min"},
       {"--from-profile", "NAME", "the profile of ~/.aws that SRC lies with, not the environment"},
       {"--to-profile", "NAME", "the same for DST"}});
  llvm::append_range(own, move::commonFlags());
  return own;
}

constexpr const char* kCopy =
    "An object appears whole; of a folder the manifest comes last, and until then a mark says that "
    "it is unfinished. What is copied\n"
    "back is compared with the BLAKE3 that was recorded. A killed copy is gone on with. A DST that "
    "has the same content already is\n"
    "fine, any other is refused.";
constexpr const char* kSync =
    "Files of the same size, time and mode as the manifest says are left alone; others are "
    "compared by content. Each object, and each\n"
    "file at DST, is whole at any time. What is not in SRC stays, unless --delete is given; what "
    "is newer at DST stays, unless\n"
    "--replace is given. With --every it goes on until --until says so, or until TERM, and ends "
    "with one last pass.";
constexpr const char* kArchive =
    "As `copy`; then SRC is compared with what was copied, and removed. The same command goes on "
    "after a kill.";

}  // namespace

llvm::ArrayRef<move::Command> commands() {
  static const std::vector<move::Command> table = {
      {"copy", "SRC DST", "copies a file or a folder to a store or from it, whole or not at all",
       kCopy, with(move::copyFlags()), 2, 2, copyVerb},
      {"sync", "SRC DST", "brings a folder up to date with another", kSync, with(move::syncFlags()),
       2, 2, syncVerb},
      {"archive", "SRC DST", "copies, verifies, publishes, and only then removes the source",
       kArchive, with(move::archiveFlags()), 2, 2, archiveVerb},
      {"list",
       "s3://BUCKET/KEY",
       "names what lies at a name and below it",
       "Size and name of each object.",
       {{"--json", "", "with time and entity tag"},
        {"--patience", "TIME", "how long a store that is away or busy is asked again, 5min"},
        {"--from-profile", "NAME", "the profile of ~/.aws to ask with"}},
       1,
       1,
       listVerb},
      {"clean", "s3://BUCKET/KEY", "ends what killed uploads have left open at a name and below it",
       "Uploads that are not ours are left alone. A folder that is unfinished stays so.", with({}),
       1, 1, cleanVerb},
  };
  return table;
}

}  // namespace wfc::s3

namespace {

constexpr const char* kAbout =
    "Moves data to object stores and back: verified, whole or not at all, and gone on with after a "
    "kill.";
constexpr const char* kFrom =
    "`wfr move` hands over to it. Endpoint, region and keys are those of the usual environment "
    "(AWS_…).";

wfc::base::Manual manual() {
  wfc::base::Manual manual{.program = "wfr-s3", .summary = kAbout};
  for (const wfc::move::Command& command : wfc::s3::commands())
    manual.commands.push_back({.name = command.name.str(),
                               .words = command.words.str(),
                               .summary = command.summary.str(),
                               .help = command.help.str(),
                               .flags = wfc::base::manualFlags(command.flags)});
  manual.sections = {{"ENVIRONMENT", kFrom}, {"EXIT STATUS", wfc::move::kExits}};
  manual.seeAlso = {"wfr", "wfr-move"};
  return manual;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  if (!args.empty() && wfc::base::printAside(manual(), args)) return 0;
  return wfc::move::runVerb("wfr-s3", fmt::format("{}\n{}", kAbout, kFrom), wfc::s3::commands(),
                            args);
}
