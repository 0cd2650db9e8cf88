// A job as bytes and back: fields in order, numbers as eight bytes, texts and lists with their
// length before them. Both ends are the same build, so there are no versions here.
#include <cstring>

#include "runtime/attempt/job.h"

namespace wfc::run {

namespace {

struct Packer {
  std::string bytes;
  void raw(int64_t value) { bytes.append(reinterpret_cast<const char*>(&value), 8); }
  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_arithmetic_v<T>)
      raw(static_cast<int64_t>(value));
    else
      visit(*this, value);
  }
  void operator()(std::string& text) {
    raw(static_cast<int64_t>(text.size()));
    bytes += text;
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    raw(static_cast<int64_t>(list.size()));
    for (T& item : list) (*this)(item);
  }
  template <class A, class B>
  void operator()(std::pair<A, B>& pair) {
    (*this)(pair.first);
    (*this)(pair.second);
  }
  template <class K, class V>
  void operator()(std::map<K, V>& map) {
    std::vector<std::pair<K, V>> list(map.begin(), map.end());
    (*this)(list);
  }
};

struct Unpacker {
  llvm::StringRef bytes;
  bool isShort = false;
  int64_t raw() {
    int64_t value = 0;
    if (bytes.size() < 8) {
      isShort = true;
      return 0;
    }
    std::memcpy(&value, bytes.data(), 8);
    bytes = bytes.drop_front(8);
    return value;
  }
  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_arithmetic_v<T>)
      value = static_cast<T>(raw());
    else
      visit(*this, value);
  }
  void operator()(std::string& text) {
    auto size = static_cast<size_t>(raw());
    isShort |= size > bytes.size();
    text = bytes.take_front(isShort ? 0 : size).str();
    bytes = bytes.drop_front(isShort ? 0 : size);
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    auto size = static_cast<size_t>(raw());
    isShort |= size > bytes.size();
    list.resize(isShort ? 0 : size);
    for (T& item : list) (*this)(item);
  }
  template <class A, class B>
  void operator()(std::pair<A, B>& pair) {
    (*this)(pair.first);
    (*this)(pair.second);
  }
  template <class K, class V>
  void operator()(std::map<K, V>& map) {
    std::vector<std::pair<K, V>> list;
    (*this)(list);
    map = {list.begin(), list.end()};
  }
};

template <class A, class... Fields>
void fields(A& archive, Fields&... each) {
  (archive(each), ...);
}
template <class A>
void visit(A& a, Variable& v) {
  fields(a, v.name, v.text, v.words, v.json, v.isList, v.isUnset);
}
template <class A>
void visit(A& a, Script& s) {
  fields(a, s.language, s.text, s.variables);
}
template <class A>
void visit(A& a, JobOutput& o) {
  fields(a, o.output, o.name, o.place, o.work, o.record, o.isDir, o.isSet, o.isCheckpoint,
         o.isOnNode, o.pattern, o.keys, o.magic, o.probe, o.schema);
}
template <class A>
void visit(A& a, JobSmall& s) {
  fields(a, s.output, s.name, s.from, s.kind, s.isOption);
}
template <class A>
void visit(A& a, JobFill& f) {
  fields(a, f.from, f.to, f.fields);
}
template <class A>
void visit(A& a, JobCheck& c) {
  fields(a, c.everyMs, c.afterMs, c.script);
}
template <class A>
void visit(A& a, JobMount& m) {
  fields(a, m.path, m.isWritable);
}
template <class A>
void visit(A& a, JobPeer& p) {
  fields(a, p.node, p.peer);
}
template <class A>
void visit(A& a, JobCopy& c) {
  fields(a, c.of, c.from, c.to, c.isPacked, c.hash, c.bytes, c.name, c.isGivenOn, c.peers);
}
template <class A>
void visit(A& a, JobInput& i) {
  fields(a, i.path, i.hash, i.isPath);
}
template <class A>
void visit(A& a, JobSecret& s) {
  fields(a, s.variable, s.command, s.lifeMs);
}
template <class A>
void visit(A& a, JobKept::Output& o) {
  fields(a, o.output, o.bytes, o.hash, o.inodes);
}
template <class A>
void visit(A& a, JobKept& k) {
  fields(a, k.attempt, k.wanted, k.recipe, k.inputs, k.outcome, k.outside, k.outputs, k.values);
}
template <class A>
void visit(A& a, Job& j) {
  fields(a, j.instance, j.attempt, j.run, j.project, j.work, j.log, j.script, j.env, j.secrets,
         j.modules, j.conda, j.container, j.mounts, j.copies, j.nodeWork, j.outside, j.kept,
         j.outputs, j.smalls, j.fills, j.checks, j.exits, j.timeMs, j.graceMs, j.leadMs, j.memory,
         j.isTimeSlice, j.wantsTmp, j.containers, j.gpus, j.asksGpus, j.ray, j.spare);
}

}  // namespace

std::string pack(const Job& job) {
  Packer packer;
  visit(packer, const_cast<Job&>(job));
  return std::move(packer.bytes);
}

bool unpack(llvm::StringRef bytes, Job& job) {
  Unpacker unpacker{bytes};
  visit(unpacker, job);
  return !unpacker.isShort && unpacker.bytes.empty();
}

}  // namespace wfc::run
