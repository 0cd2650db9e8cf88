// `wfr move unpack`, `list` and `cat`: an archive as a tree again, as a table, and one member
// alone.
#include <algorithm>
#include <cerrno>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/move/command.h"
#include "runtime/move/copy.h"
#include "runtime/move/given.h"
#include "runtime/move/mirror.h"
#include "runtime/move/packed.h"
#include "runtime/move/stream.h"

namespace wfc::move {

int unpackCommand(const base::Given& given) {
  std::optional<Options> options = readOptions(given);
  if (!options) return WrongUse;
  Work::begin();
  Work work(*options);
  Summary summary{"unpack", given.words[0], given.words[1], {}, 0, false};
  double begun = secondsNow();
  {
    Progress progress(work, "unpack");
    Tree from;
    Place to;
    if (openPacked(work, given.words[0], from) && to.open(work, given.words[1]))
      copyTo(work, from, to, summary);
  }
  return finish(work, summary, given, begun);
}

namespace {

void listJson(const Tree& tree, const std::vector<uint32_t>& leaves) {
  llvm::json::OStream json(llvm::outs(), 2);
  json.array([&] {
    for (uint32_t n : leaves)
      json.object([&] {
        const Node& node = tree.nodes[n];
        const Packed::Member& member = tree.packed.members[n];
        json.attribute("name", llvm::json::fixUTF8(tree.below(n)));
        json.attribute("size", node.size);
        json.attribute("mode", fmt::format("{:o}", node.mode & 07777u));
        json.attribute("at", member.at);
        if (node.isLink()) json.attribute("link", llvm::json::fixUTF8(member.target));
        if (member.hasDigest) json.attribute("hash", "blake3:" + hexOf(member.digest));
      });
  });
  llvm::outs() << "\n";
}

void listText(const Tree& tree, const std::vector<uint32_t>& leaves) {
  for (uint32_t n : leaves) {
    const Node& node = tree.nodes[n];
    std::string link = node.isLink() ? " -> " + tree.packed.members[n].target : "";
    llvm::outs() << fmt::format("{:>14} {}\n", node.size, shown(tree.below(n) + link));
  }
}

}  // namespace

int listCommand(const base::Given& given) {
  Work work({.isQuiet = true});
  Tree tree;
  Summary summary{"list", given.words[0], {}, {}, 0, false};
  if (openPacked(work, given.words[0], tree)) {
    std::vector<Digest> digests;
    if (given.has("--check") && hashFiles(work, tree, digests)) checkPacked(work, tree, digests);
    if (given.has("--json"))
      listJson(tree, tree.sortedLeaves());
    else
      listText(tree, tree.sortedLeaves());
    llvm::outs().flush();
  }
  print(work, summary, false);
  return work.status();
}

namespace {

/// The node of a path in an archive; 0 where there is none.
uint32_t find(const Tree& tree, llvm::StringRef name) {
  name.consume_front("./");
  for (uint32_t n = 1; n < tree.nodes.size(); ++n) {
    // The last part first: whole paths are only made where it fits.
    if (name.ends_with(tree.nodes[n].name) && tree.below(n) == name) return n;
  }
  return 0;
}

void send(Work& work, const Tree& tree, uint32_t n) {
  Blocks& own = blocks();
  uint64_t size = tree.nodes[n].size, from = tree.packed.members[n].at;
  for (uint64_t at = 0; at < size;) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(kBlock, size - at));
    ssize_t got = readFully(tree.packed.fd, own.read.data(), want, from + at);
    for (ssize_t sent = 0; sent < got;) {
      ssize_t put = ::write(1, own.read.data() + sent, static_cast<size_t>(got - sent));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        work.failCall("standard output", "cannot be written");
        return;
      }
      sent += put;
    }
    at += want;
  }
}

}  // namespace

int catCommand(const base::Given& given) {
  Work::begin();
  Work work({.isQuiet = true});
  Tree tree;
  const std::string& name = given.words[1];
  if (openPacked(work, given.words[0], tree)) {
    uint32_t n = find(tree, name);
    std::vector<std::string> names;
    for (uint32_t leaf : tree.sortedLeaves()) names.push_back(tree.below(leaf));
    std::vector<Digest> digests(tree.nodes.size());
    if (n == 0)
      work.fail(given.words[0],
                fmt::format("has no member `{}`{}", name, base::nearestOf(name, names)),
                "`wfr move list` names them");
    else if (!tree.nodes[n].isFile())
      work.fail(tree.pathOf(n), "is no file");
    else if (!hashFile(work, tree.packed.fd, tree.nodes[n].size, digests[n],
                       tree.packed.members[n].at))
      work.failCall(tree.pathOf(n), "cannot be read");
    // Nothing damaged goes out.
    else if (checkMember(work, tree, n, digests[n]))
      send(work, tree, n);
  }
  print(work, {"cat", given.words[0], {}, {}, 0, false}, false);
  return work.status();
}

}  // namespace wfc::move
