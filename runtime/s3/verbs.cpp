// The verbs of `wfr-s3`. See command.h.
#include <memory>

#include <fmt/format.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/move/archive.h"
#include "runtime/move/copy.h"
#include "runtime/move/given.h"
#include "runtime/move/live.h"
#include "runtime/move/sync.h"
#include "runtime/s3/command.h"
#include "runtime/s3/push.h"
#include "runtime/s3/upload.h"

namespace wfc::s3 {

namespace {

constexpr uint64_t kPart = 16 << 20, kSmallestPart = 5 << 20;

/// Source and destination, one of them in a store at least.
struct Sides {
  std::string from, to;
  std::optional<Address> source, destination;
  PushOptions push{kPart};
  StoreOptions store;
  /// Of each side, if it is not that of the environment.
  std::string fromProfile, toProfile;

  bool isBetweenStores() const { return source && destination; }
  const Address& address() const { return source ? *source : *destination; }
  const std::string& profile() const { return source ? fromProfile : toProfile; }
};

std::optional<Sides> wrong(const std::string& text) {
  move::wrongUse(text);
  return {};
}

std::optional<Sides> readSides(const base::Given& given) {
  Sides sides{
      given.words[0], given.words.back(), readAddress(given.words[0]), {}, {kPart}, {}, {}, {}};
  if (given.words.size() > 1) sides.destination = readAddress(given.words[1]);
  for (const std::string& word : given.words) {
    if (isAddress(word) && !readAddress(word))
      return wrong(fmt::format("`{}` is not s3://BUCKET/KEY", word));
  }
  if (!sides.source && !sides.destination)
    return wrong("one of the sides is s3://BUCKET/KEY; between folders it is `wfr move`");
  if (given.has("--part-size")) {
    std::optional<uint64_t> size = move::readBytes(given.get("--part-size"));
    if (!size || *size < kSmallestPart)
      return wrong("`--part-size` is a number of bytes of 5MiB or more, as in 64MiB");
    sides.push.partSize = *size;
  }
  if (given.has("--patience")) {
    std::optional<double> patience = move::readSeconds(given.get("--patience"));
    if (!patience) return wrong("`--patience` is a time, as in 30s or 5min");
    sides.store.patience = *patience;
  }
  if (given.has("--from-profile")) sides.fromProfile = given.get("--from-profile");
  if (given.has("--to-profile")) sides.toProfile = given.get("--to-profile");
  if (!sides.fromProfile.empty() && !sides.source)
    return wrong("`--from-profile` goes with a SRC in a store");
  if (!sides.toProfile.empty() && !sides.destination)
    return wrong("`--to-profile` goes with a DST in a store");
  for (const std::string& profile : {sides.fromProfile, sides.toProfile}) {
    if (!profile.empty() && !Account(profile).isKnown())
      return wrong(
          fmt::format("there is no profile `{}`; look at ~/.aws/credentials, or at "
                      "AWS_SHARED_CREDENTIALS_FILE",
                      profile));
  }
  return sides;
}

/// What every verb does: one work, one store, a summary at the end.
template <class Body>
int perform(const char* verb, const move::Options& options, const base::Given& given,
            const Sides& sides, const Body& body) {
  Work work(options);
  move::Summary summary{verb, sides.from, sides.to, {}, 0, false};
  double begun = move::secondsNow();
  {
    move::Progress progress(work, verb);
    StoreOptions asked = sides.store;
    asked.connections = work.options.threads;
    asked.profile = sides.profile();
    Store store(work, sides.address().bucket, asked);
    body(work, store, summary);
  }
  return move::finish(work, summary, given, begun);
}

bool openThere(Store& store, const Address& address, There& there, move::Tree& tree) {
  return lookThere(store, address, there) && treeOf(store, address, there, tree);
}

/// One of them must not be a part of the other.
bool areApart(Work& work, const Address& from, const Address& to) {
  if (from.bucket != to.bucket) return true;
  std::string source = from.prefix(), destination = to.prefix();
  if (source == destination)
    return work.refuse(to.text(), "is the source itself", "choose another name");
  if (llvm::StringRef(destination).starts_with(source))
    return work.refuse(to.text(), "lies inside of the source", "choose a place outside of it");
  return !llvm::StringRef(source).starts_with(destination) ||
         work.refuse(to.text(), "holds the source", "choose a place beside it");
}

/// From one store to another.
void pushOn(Store& from, const Sides& sides, const There& there, const move::Tree& tree,
            move::Summary& summary) {
  StoreOptions asked = sides.store;
  asked.connections = from.work.options.threads;
  asked.profile = sides.toProfile;
  const Address& destination = *sides.destination;
  Store to(from.work, destination.bucket, asked);
  bool isOneStore = from.isSameAs(to);
  if (isOneStore && !areApart(from.work, *sides.source, destination)) return;
  Relay relay({from, *sides.source, there, tree}, to, destination, isOneStore);
  PushOptions options = sides.push;
  options.relay = &relay;
  push(to, tree, destination, options, summary);
}

}  // namespace

int copyVerb(const base::Given& given) {
  std::optional<move::Options> options = move::readOptions(given);
  std::optional<Sides> sides;
  if (options) sides = readSides(given);
  if (!sides) return move::WrongUse;
  Work::begin();
  return perform("copy", *options, given, *sides,
                 [&](Work& work, Store& store, move::Summary& summary) {
                   move::Tree from;
                   move::Place to;
                   There there;
                   if (!sides->source && scan(work, sides->from, from))
                     push(store, from, *sides->destination, sides->push, summary);
                   if (!sides->source || !openThere(store, *sides->source, there, from)) return;
                   if (sides->destination)
                     pushOn(store, *sides, there, from, summary);
                   else if (to.open(work, sides->to))
                     copyTo(work, from, to, summary);
                 });
}

int syncVerb(const base::Given& given) {
  std::optional<Sides> sides = readSides(given);
  if (!sides) return move::WrongUse;
  sides->push.isSync = true;
  auto pass = [&](Work& work, Store& store, move::Summary& summary) {
    move::Tree from;
    move::Place to;
    There there;
    bool isRead = sides->source ? openThere(store, *sides->source, there, from)
                                : scan(work, sides->from, from);
    if (!isRead) return;
    if (!from.nodes[0].isFolder())
      work.refuse(sides->from, "is no folder", "`wfr move copy --replace` is for files");
    else if (sides->isBetweenStores())
      pushOn(store, *sides, there, from, summary);
    else if (sides->destination)
      push(store, from, *sides->destination, sides->push, summary);
    else if (to.open(work, sides->to))
      syncTo(work, from, to, summary);
  };
  return move::runPasses(given, [&](const move::Options& options) {
    return perform("sync", options, given, *sides, pass);
  });
}

namespace {

class StoreShelf final : public move::Shelf {
 public:
  StoreShelf(Store& store, const Sides& sides, move::Summary& summary)
      : store_(store), sides_(sides), summary_(summary) {}
  std::string path() const override { return sides_.destination->text(); }
  bool exists() const override {
    There there;
    return lookThere(store_, *sides_.destination, there) && there.isAnything() && !there.isMarked;
  }
  bool copy(const move::Tree& tree) override {
    return push(store_, tree, *sides_.destination, sides_.push, summary_);
  }
  bool holds(const move::Tree& tree) override {
    return s3::holds(store_, tree, *sides_.destination);
  }

 private:
  Store& store_;
  const Sides& sides_;
  move::Summary& summary_;
};

/// From a store: copied, then removed there, if it is still what was copied. The manifest is the
/// last to go, so that a killed one knows what there was.
void archiveFrom(Work& work, Store& store, const Sides& sides, move::Summary& summary,
                 bool isAgain) {
  There there, now;
  move::Tree from;
  move::Place to;
  const Address& source = *sides.source;
  if (!to.open(work, sides.to) || !lookThere(store, source, there)) return;
  if (!there.isAnything() && isAgain && to.exists()) {
    summary.wasThere = true;
    return;
  }
  if (!there.object && there.isAnything() && !there.manifest) {
    work.refuse(source.text(), "has no manifest, so nobody can tell whether it is whole",
                "copy it, look at it, and remove it there");
    return;
  }
  if (!treeOf(store, source, there, from) || !copyTo(work, from, to, summary) ||
      !lookThere(store, source, now))
    return;
  bool isSame = there.object.has_value() == now.object.has_value() &&
                there.below.size() == now.below.size() &&
                (!there.object || there.object->etag == now.object->etag);
  for (const auto& [name, object] : there.below)
    isSame = isSame && now.below.count(name) != 0 && now.below[name].etag == object.etag;
  if (!isSame) {
    work.fail(source.text(), "changed after it was copied; nothing of it was removed",
              "archive it when nobody writes to it any more");
    return;
  }
  std::vector<std::string> keys;
  for (const auto& [name, object] : there.below) keys.push_back(source.keyOf(name));
  if (there.object) keys.push_back(source.key);
  work.inParallel(keys.size(), [&](size_t n) { store.remove(keys[n]); });
  if (!work.hasFailed() && !work.isOver() && there.manifest) store.remove(source.keyOf(kManifest));
}

}  // namespace

int archiveVerb(const base::Given& given) {
  std::optional<move::Options> options = move::readOptions(given);
  std::optional<Sides> sides;
  if (options && move::mayRemove(*options)) sides = readSides(given);
  if (!sides) return move::WrongUse;
  if (sides->isBetweenStores())
    return move::wrongUse(
        "both sides lie in a store: `copy` one to the other, then remove it there");
  Work::begin();
  bool isAgain = given.has("--again");
  return perform("archive", *options, given, *sides,
                 [&](Work& work, Store& store, move::Summary& summary) {
                   StoreShelf shelf(store, *sides, summary);
                   if (sides->destination)
                     move::archiveTo(work, summary, sides->from, shelf, isAgain);
                   else
                     archiveFrom(work, store, *sides, summary, isAgain);
                 });
}

namespace {

void printListing(const There& there, const std::string& name, bool isJson) {
  std::map<std::string, Object> objects = there.below;
  if (there.object) objects[name] = *there.object;
  if (!isJson) {
    for (const auto& [below, object] : objects)
      llvm::outs() << fmt::format("{:>14} {}\n", object.size, move::shown(below));
    return;
  }
  llvm::json::OStream json(llvm::outs(), 2);
  json.array([&] {
    for (const auto& [below, object] : objects)
      json.object([&] {
        json.attribute("name", llvm::json::fixUTF8(below));
        json.attribute("size", object.size);
        json.attribute("modified", timeText(object.mtime));
        json.attribute("etag", object.etag);
      });
  });
  llvm::outs() << "\n";
}

}  // namespace

int listVerb(const base::Given& given) {
  std::optional<Sides> sides = readSides(given);
  if (!sides) return move::WrongUse;
  Work::begin();
  Work work({.isQuiet = true});
  StoreOptions asked = sides->store;
  asked.profile = sides->profile();
  Store store(work, sides->source->bucket, asked);
  There there;
  if (lookThere(store, *sides->source, there)) {
    if (!there.isAnything())
      work.fail(sides->source->text(), "is not there", "neither an object nor anything below it");
    printListing(there, sides->source->name(), given.has("--json"));
    llvm::outs().flush();
    if (there.isMarked)
      fmt::print(stderr, "{} is being written, or was left unfinished\n", sides->source->text());
  }
  move::print(work, {"list", sides->from, {}, {}, 0, false}, false);
  return work.status();
}

int cleanVerb(const base::Given& given) {
  std::optional<move::Options> options = move::readOptions(given);
  std::optional<Sides> sides;
  if (options) sides = readSides(given);
  if (!sides) return move::WrongUse;
  Work::begin();
  return perform("clean", *options, given, *sides,
                 [&](Work& work, Store& store, move::Summary& /*summary*/) {
                   unsigned ended = 0;
                   if (cleanUploads(store, sides->source->key, ended)) work.count.removed = ended;
                 });
}

}  // namespace wfc::s3
