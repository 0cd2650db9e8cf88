// See there.h.
#include "runtime/s3/there.h"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "runtime/s3/carrier.h"

namespace wfc::s3 {

namespace {

/// Makes the nodes, with the folders between that nobody names.
class Grower {
 public:
  Grower(Store& store, const Address& address, move::Tree& tree)
      : store_(store), address_(address), tree_(tree) {
    // There are no descriptors of what lies in a store, but openers of folders want one.
    tree.packed.owner = move::Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    tree.packed.fd = tree.packed.owner.get();
    std::string whole = address.text();
    tree.folder = whole.substr(0, whole.size() - address.name().size() - 1);
  }

  uint32_t add(const std::string& name, uint32_t parent, mode_t mode, const timespec& mtime,
               uint64_t size = 0) {
    move::Node node;
    node.name = name;
    node.parent = parent;
    node.mode = mode;
    node.mtime = mtime;
    node.size = size;
    // No holes are known.
    node.blocks = size / 512 + 1;
    node.uid = ::geteuid();
    node.gid = ::getegid();
    tree_.nodes.push_back(std::move(node));
    tree_.packed.members.emplace_back();
    return static_cast<uint32_t>(tree_.nodes.size() - 1);
  }

  /// The node for a path; nothing, with a problem, where it leads elsewhere.
  std::optional<uint32_t> grow(const std::string& path, mode_t mode, const timespec& mtime,
                               uint64_t size) {
    size_t slash = path.rfind('/');
    std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    bool isName = !name.empty() && name != "." && name != ".." &&
                  name.find('\0') == std::string::npos && slash != 0;
    std::optional<uint32_t> parent;
    if (isName) parent = folder(slash == std::string::npos ? "" : path.substr(0, slash), mtime);
    if (!parent || known_.count(path) != 0) {
      store_.work.refuse(address_.text(path), "is no name for a file",
                         "copy what is to be had one by one");
      return {};
    }
    uint32_t node = add(name, *parent, mode, mtime, size);
    known_[path] = node;
    return node;
  }

  std::optional<uint32_t> folder(const std::string& path, const timespec& mtime) {
    if (path.empty()) return 0;
    auto found = known_.find(path);
    if (found == known_.end()) return grow(path, S_IFDIR | 0755, mtime, 0);
    if (!tree_.nodes[found->second].isFolder()) return {};
    return found->second;
  }

 private:
  Store& store_;
  const Address& address_;
  move::Tree& tree_;
  std::map<std::string, uint32_t> known_;
};

bool growManifest(Store& store, const Address& address, const There& there, Grower& grower,
                  move::Tree& tree) {
  for (const auto& [name, entry] : there.manifest->entries) {
    mode_t kind = entry.kind == 'd' ? S_IFDIR : entry.kind == 'l' ? S_IFLNK : S_IFREG;
    if (name.empty()) {
      tree.nodes[0].mode = S_IFDIR | entry.mode;
      tree.nodes[0].mtime = entry.mtime;
      continue;
    }
    if (entry.kind == 'f' && !there.isAsSaid(name, entry)) {
      store.work.fail(address.text(name), "is not what the manifest of this folder says",
                      "somebody writes there, or has; give the command again when nobody does, or "
                      "copy it alone");
      continue;
    }
    std::optional<uint32_t> node = grower.grow(name, kind | entry.mode, entry.mtime, entry.size);
    if (!node) return false;
    tree.packed.members[*node].target = entry.target;
    tree.packed.members[*node].digest = entry.hash;
    tree.packed.members[*node].hasDigest = entry.kind == 'f';
  }
  return !store.work.hasFailed();
}

bool growListing(const There& there, Grower& grower) {
  for (const auto& [name, object] : there.below) {
    // Some programs make an empty object for a folder.
    if (name.ends_with("/") || (there.manifest && there.manifest->entries.count(name) != 0))
      continue;
    if (!grower.grow(name, S_IFREG | 0644, object.mtime, object.size)) return false;
  }
  return true;
}

}  // namespace

bool There::isAsSaid(const std::string& name, const Entry& entry) const {
  auto found = below.find(name);
  return found != below.end() && found->second.size == entry.size &&
         found->second.etag == entry.etag;
}

bool lookThere(Store& store, const Address& address, There& there) {
  std::map<std::string, Object> keys;
  if (!store.list(address.key, keys, 1)) return false;
  if (keys.empty()) return true;
  Object object;
  Found found = address.isFolder ? Found::No : store.look(address.key, object);
  if (found == Found::Failed) return false;
  if (found == Found::Yes) {
    there.object = object;
    return true;
  }
  keys.clear();
  if (!store.list(address.prefix(), keys)) return false;
  for (const auto& [key, object] : keys) {
    std::string below = key.substr(address.prefix().size());
    if (below == kMark) there.isMarked = true;
    if (below != kMark && below != kManifest && isOurs(below)) there.notes.push_back(below);
    std::string text;
    if (below == kManifest) {
      if (store.get(key, text) != Found::Yes) return false;
      there.manifest = readManifest(text);
      if (!there.manifest)
        return store.work.refuse(
            address.text(below), "is no manifest that this program reads",
            "a newer wfr may have written it; removed, its folder is one without");
    }
    if (!below.empty() && !isOurs(below)) there.below[below] = object;
  }
  return true;
}

bool treeOf(Store& store, const Address& address, const There& there, move::Tree& tree) {
  Grower grower(store, address, tree);
  if (there.isMarked)
    return store.work.refuse(
        address.text(), "is being written, or was left unfinished",
        "the command that writes it goes on from what is there; then give this one again");
  if (!there.isAnything())
    return store.work.fail(address.text(), "is not there",
                           "neither an object nor anything below it");
  if (there.object) {
    mode_t mode = there.object->mode == 0 ? 0644 : there.object->mode;
    grower.add(address.name(), 0, S_IFREG | mode, there.object->mtime, there.object->size);
    tree.packed.members[0].hasDigest = there.object->hash.has_value();
    if (there.object->hash) tree.packed.members[0].digest = *there.object->hash;
  } else {
    grower.add(address.name(), 0, S_IFDIR | 0755, timespec{});
    if (there.manifest && !growManifest(store, address, there, grower, tree)) return false;
    if (!growListing(there, grower)) return false;
  }
  tree.carrier = std::make_shared<ObjectCarrier>(store, address, tree);
  return true;
}

}  // namespace wfc::s3
