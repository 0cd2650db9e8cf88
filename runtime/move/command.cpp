// See command.h.
#include "runtime/move/command.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <map>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "runtime/move/work.h"

namespace wfc::move {

namespace {

std::vector<base::Flag> with(std::vector<base::Flag> own) {
  own.insert(own.end(), {{"--verify", "HOW",
                          "written: read back and compared (what happens if nothing is said); "
                          "disk: flushed, dropped from memory, then read back; none"},
                         {"--no-flush", "", "do not wait until everything is on the disk"},
                         {"--threads", "N", "at most so many at once"}});
  llvm::append_range(own, commonFlags());
  return own;
}

constexpr const char* kCopy =
    "DST is the name of the copy, never a folder to put it in. It appears at once and whole, with "
    "modes, times, links as links,\n"
    "hard links and holes. A killed copy is gone on with. A DST that has the same content already "
    "is fine, any other is refused.";
constexpr const char* kSync =
    "Files of the same size and time are left alone; others are compared by content. Each file at "
    "DST is whole at any time. What is\n"
    "not in SRC stays, unless --delete is given; a file at DST that is newer than the one of SRC "
    "stays, unless --replace is given.\n"
    "With --every it goes on until --until says so, or until TERM, and ends with one last pass.";
constexpr const char* kArchive =
    "As `copy`, and on the disk; then SRC leaves its name in one rename, is compared with what was "
    "copied, and is removed. At any moment\n"
    "the whole of it is under one name at least; the same command goes on after a kill.";
constexpr const char* kMerge =
    "What DST has not is copied; what is the same stays; where two differ, the rule decides. With "
    "key=COLUMN the rows whose key DST has not are\n"
    "appended, with spatial index and extents; a row that both have must be the same. Each file at "
    "DST is whole at any time, and merging\n"
    "twice changes nothing, so a killed merge is simply given again.";
constexpr const char* kPack =
    "ARCHIVE is a ZIP file of members as they are, not compressed, with a BLAKE3 of each in its "
    "directory: GDAL (/vsizip/), Python,\n"
    "Zarr and unzip read it as it stands. The same folder gives the same bytes. A killed pack is "
    "gone on with.";
constexpr const char* kUnpack =
    "DST appears at once and whole, with modes, times and links, each file with the hash that the "
    "archive says. Archives that others made\n"
    "are read too, if they are not compressed.";

constexpr const char* kServe =
    "Prints IP:PORT/SECRET and ends when its standard input does. Who knows the secret gets files "
    "of FOLDER over TCP, also one that\n"
    "`relay` is still bringing there, as it comes. Nothing is encrypted; who gets it compares its "
    "hash.";
constexpr const char* kRelay =
    "DST is the file SRC, of that hash and size, from whoever in $WFR_PEERS has it "
    "(IP:PORT/SECRET, "
    "in order, with blanks between): what one\n"
    "that is lost did not give the next one does, and in the end SRC itself. It appears at once "
    "and "
    "whole, and a killed one is gone on with. Who gave\n"
    "how many bytes is printed, SRC as `-`.";

}  // namespace

std::vector<base::Flag> commonFlags() {
  return {
      {"--rate", "BYTES/s", "not faster, as in 50MB/s"},
      {"--skip-special", "", "leave sockets, pipes and devices out"},
      {"--json", "", "the summary as JSON, on standard output"},
      {"--summary", "FILE", "what is there now, into a file: the same bytes however it came there"},
      {"--result", "FILE", "the same; a step of a flow reads its values there"},
      {"--quiet", "", "only problems", "-q"}};
}

std::vector<base::Flag> copyFlags() {
  return {{"--replace", "", "take the place of what is at DST"}};
}

std::vector<base::Flag> syncFlags() {
  return {{"--delete", "", "remove from DST what is not in SRC"},
          {"--replace", "", "newer ones at DST too"},
          {"--by-content", "", "read all files, whatever their times say"},
          {"--every", "TIME", "again and again, as in 15min"},
          {"--until", "WHEN", "a file that appears, or pid:N for a process that ends"},
          {"--settle", "TIME", "leave files alone that changed within that time"}};
}

std::vector<base::Flag> archiveFlags() {
  std::vector<base::Flag> flags = copyFlags();
  flags.push_back(
      {"--again", "",
       "an earlier attempt may have ended well: a missing SRC is fine if DST is there"});
  return flags;
}

llvm::ArrayRef<Command> commands() {
  static const std::vector<Command> table = {
      {"copy", "SRC DST", "copies a file or a folder, whole or not at all", kCopy,
       with(copyFlags()), 2, 2, copyCommand},
      {"sync", "SRC DST", "brings a folder up to date with another", kSync, with(syncFlags()), 2, 2,
       syncCommand},
      {"archive", "SRC DST", "copies, verifies, publishes, and only then removes the source",
       kArchive, with(archiveFlags()), 2, 2, archiveCommand},
      {"merge", "SRC… DST", "puts folders or files together by a rule", kMerge,
       with(
           {{"--by", "RULE",
             "identical: fail where two differ; newest: the later one; key=COLUMN: rows of CSV and "
             "GeoPackage files by that column, all others identical"}}),
       2, 100000, mergeCommand},
      {"pack", "SRC ARCHIVE", "packs a folder into one file that is read without unpacking", kPack,
       with({{"--replace", "", "take the place of what is at ARCHIVE"}}), 2, 2, packCommand},
      {"unpack", "ARCHIVE DST", "makes a folder of an archive again", kUnpack, with(copyFlags()), 2,
       2, unpackCommand},
      {"list",
       "ARCHIVE",
       "names what is in an archive",
       "Size and name of each file and link.",
       {{"--check", "", "read all of it and compare the hashes"},
        {"--json", "", "with mode, place and hash"}},
       1,
       1,
       listCommand},
      {"cat",
       "ARCHIVE MEMBER",
       "prints one file of an archive",
       "Nothing else of the archive is read. A damaged one is not printed.",
       {},
       2,
       2,
       catCommand},
      {"serve",
       "FOLDER",
       "gives files of a folder to other machines",
       kServe,
       {{"--towards", "IP", "listen on the network over which that address is reached"},
        {"--rate", "BYTES/s", "not faster, all who get some together"}},
       1,
       1,
       serveCommand},
      {"relay",
       "SRC DST",
       "brings a file from machines that have it already",
       kRelay,
       {{"--hash", "BLAKE3", "what it has to be, in 64 digits"},
        {"--bytes", "N", "its size"},
        {"--name", "NAME", "where it lies in the folders of the others (that of DST)"},
        {"--no-flush", "", "do not wait until everything is on the disk"},
        {"--rate", "BYTES/s", "SRC is read no faster"},
        {"--quiet", "", "only problems", "-q"}},
       2,
       2,
       relayCommand},
  };
  return table;
}

namespace {

int wrong(const std::string& text) {
  fmt::print(stderr, "wfr: {}\n", text);
  return WrongUse;
}

int help(llvm::StringRef program, llvm::StringRef about, llvm::ArrayRef<Command> table) {
  fmt::print("{} VERB\n\n{}\n\n", program.str(), about.str());
  for (const Command& command : table)
    fmt::print("  {:<12} {:<18} {}\n", command.name.str(), command.words.str(),
               command.summary.str());
  fmt::print("\n`{} VERB --help` tells more.\n", program.str());
  return Good;
}

int helpFor(llvm::StringRef program, const Command& command) {
  fmt::print("{} {} {} [FLAG]…\n\n{}\n\n{}\n\n{}", program.str(), command.name.str(),
             command.words.str(), command.summary.str(),
             command.help.str() +
                 (command.flags.size() > 2 ? fmt::format("\n\nExit status: {}", kExits) : ""),
             base::helpOn(command.flags));
  return Good;
}

}  // namespace

int runVerb(llvm::StringRef program, llvm::StringRef about, llvm::ArrayRef<Command> table,
            llvm::ArrayRef<std::string> args) {
  if (args.empty()) {
    help(program, about, table);
    return WrongUse;
  }
  if (args[0] == "--help" || args[0] == "-h") return help(program, about, table);
  std::vector<std::string> names;
  for (const Command& command : table) {
    names.push_back(command.name.str());
    if (command.name != args[0]) continue;
    base::Given given;
    std::string called = program.str() + " " + args[0];
    std::string problem = base::readWords(called, command.flags, args.drop_front(), given);
    if (!problem.empty()) return wrong(problem);
    if (given.wantsHelp) return helpFor(program, command);
    // Names may look like flags.
    given.words.insert(given.words.end(), given.rest.begin(), given.rest.end());
    if (given.words.size() < command.least || given.words.size() > command.most)
      return wrong(
          fmt::format("usage: {} {}; see `{} --help`", called, command.words.str(), called));
    return command.run(given);
  }
  std::string nearest = base::nearestOf(args[0], names);
  // What other programs call it.
  static const std::map<std::string, std::string> kElsewhere = {
      {"ls", "list"}, {"cp", "copy"}, {"mv", "archive"}, {"rsync", "sync"}, {"mirror", "sync"}};
  auto known = kElsewhere.find(args[0]);
  if (known != kElsewhere.end() && llvm::is_contained(names, known->second))
    nearest = fmt::format("; here it is `{}`", known->second);
  return wrong(fmt::format("`{}` has no verb `{}`{}", program.str(), args[0], nearest));
}

namespace {

/// Never returns where there is such a program: it takes the place of this one.
int handOver(llvm::ArrayRef<std::string> args) {
  char own[PATH_MAX];
  ssize_t size = ::readlink("/proc/self/exe", own, sizeof own);
  llvm::StringRef path(own, size > 0 ? static_cast<size_t>(size) : 0);
  std::string program = path.rsplit('/').first.str() + "/wfr-s3";
  std::vector<char*> words = {program.data()};
  for (const std::string& arg : args) words.push_back(const_cast<char*>(arg.c_str()));
  words.push_back(nullptr);
  ::execv(program.c_str(), words.data());
  return wrong(
      fmt::format("object stores are the work of `wfr-s3`, and {} cannot be run: {}\n"
                  "  `./dev s3` builds it where libcurl and OpenSSL are; it lies beside wfr",
                  program, std::strerror(errno)));
}

}  // namespace

int runCommand(llvm::ArrayRef<std::string> args) {
  auto isInStore = [](llvm::StringRef word) { return word.starts_with("s3://"); };
  if (llvm::any_of(args, isInStore)) return handOver(args);
  for (llvm::StringRef word : args) {
    auto [scheme, rest] = word.split(":/");
    bool isScheme =
        scheme.size() != word.size() && !scheme.empty() && llvm::all_of(scheme, llvm::isAlnum);
    if (isScheme)
      return wrong(
          fmt::format("`{}` is no place of this machine; object stores are s3://BUCKET/KEY\n"
                      "  a folder of that name is ./{}",
                      word.str(), word.str()));
  }
  return runVerb(
      "wfr move",
      "Moves data: verified, whole or not at all, and gone on with after a kill. SRC or DST\n"
      "of copy, sync and archive may be s3://BUCKET/KEY.",
      commands(), args);
}

}  // namespace wfc::move
