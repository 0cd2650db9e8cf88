// See bundle.h.
#include "runtime/torch/bundle.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>
#include <llvm/Support/Endian.h>
#include <llvm/Support/JSON.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include "runtime/beside/aside.h"
#include "runtime/beside/problem.h"

namespace wfc::learn {

using namespace beside;

namespace {

constexpr size_t kLength = 8;

llvm::ArrayRef<uint8_t> bytesOf(const Tensor& tensor) {
  return {static_cast<const uint8_t*>(tensor.data_ptr()), tensor.nbytes()};
}

/// On this processor and in one piece.
Tensor plain(const Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kFloat).contiguous(); }

std::string headOf(const Bundle& bundle, const std::string& hash) {
  llvm::json::Object head, texts;
  for (const auto& [name, text] : bundle.texts) texts[name] = text;
  texts["blake3"] = hash;
  head["__metadata__"] = std::move(texts);
  int64_t place = 0;
  for (const auto& [name, tensor] : bundle.tensors) {
    llvm::json::Array shape;
    for (int64_t size : tensor.sizes()) shape.push_back(size);
    int64_t end = place + tensor.numel() * 4;
    head[name] = llvm::json::Object{{"dtype", "F32"},
                                    {"shape", std::move(shape)},
                                    {"data_offsets", llvm::json::Array{place, end}}};
    place = end;
  }
  std::string text;
  llvm::raw_string_ostream out(text);
  out << llvm::json::Value(std::move(head));
  // The numbers begin at a multiple of eight, for those who map the file.
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

/// A file that is on the disk when this returns.
class Written {
 public:
  Written(const std::string& path, std::string shown) : shown_(std::move(shown)) {
    file_ = std::fopen(path.c_str(), "wb");
    if (file_ == nullptr) failCall(shown_, "cannot be written");
  }
  ~Written() {
    if (file_ != nullptr) std::fclose(file_);
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  void add(llvm::ArrayRef<uint8_t> bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size())
      failCall(shown_, "cannot be written");
  }
  void close() {
    bool isThere = std::fflush(file_) == 0 && ::fsync(::fileno(file_)) == 0;
    int error = errno;
    std::fclose(std::exchange(file_, nullptr));
    errno = error;
    if (!isThere) failCall(shown_, "cannot be written");
  }

 private:
  std::FILE* file_ = nullptr;
  std::string shown_;
};

[[noreturn]] void failDamaged(const std::string& path, const std::string& how) {
  fail(path, "cannot be read as safetensors: " + how,
       "it was not written by this program, or is damaged");
}

/// Reads one tensor that the head tells of.
Tensor tensorOf(const std::string& path, llvm::StringRef name, const llvm::json::Object& about,
                llvm::StringRef numbers) {
  const llvm::json::Array *shape = about.getArray("shape"),
                          *places = about.getArray("data_offsets");
  if (about.getString("dtype") != llvm::StringRef("F32") || shape == nullptr || places == nullptr ||
      places->size() != 2)
    failDamaged(path, fmt::format("`{}` is no tensor of floats", name.str()));
  std::vector<int64_t> sizes;
  int64_t count = 1;
  for (const llvm::json::Value& size : *shape) {
    sizes.push_back(size.getAsInteger().value_or(-1));
    if (sizes.back() < 0 || sizes.back() > (int64_t{1} << 40)) failDamaged(path, "a size is wrong");
    count *= sizes.back();
  }
  int64_t begin = (*places)[0].getAsInteger().value_or(-1);
  if (begin < 0 || begin % 4 != 0 || count < 0 || count > static_cast<int64_t>(numbers.size()) ||
      begin + count * 4 > static_cast<int64_t>(numbers.size()))
    failDamaged(path, "it ends too early");
  Tensor tensor = at::empty(sizes, at::kFloat);
  std::memcpy(tensor.data_ptr(), numbers.data() + begin, static_cast<size_t>(count) * 4);
  return tensor;
}

}  // namespace

std::string hashOf(const Bundle& bundle) {
  llvm::BLAKE3 hash;
  for (const auto& [name, text] : bundle.texts)
    hash.update(fmt::format("{}\n{}\n{}\n", name, text.size(), text));
  for (const auto& [name, tensor] : bundle.tensors) {
    hash.update(fmt::format("{}\n{}\n", name, tensor.numel()));
    hash.update(bytesOf(plain(tensor)));
  }
  return llvm::toHex(hash.final(), true);
}

std::string write(const Bundle& bundle, const std::string& path) {
  std::string hash = hashOf(bundle), head = headOf(bundle, hash);
  Aside aside(folderOf(path));
  Written file(aside.path("bundle"), path);
  uint8_t length[kLength];
  llvm::support::endian::write64le(length, head.size());
  file.add(length);
  file.add(llvm::arrayRefFromStringRef(head));
  for (const auto& [name, tensor] : bundle.tensors) file.add(bytesOf(plain(tensor)));
  file.close();
  aside.publish("bundle", path);
  return hash;
}

Tensor ReadBundle::numbers(const std::string& name, int64_t count) const {
  auto found = tensors.find(name);
  if (found == tensors.end()) failDamaged(path, fmt::format("it has no `{}`", name));
  if (found->second.numel() != count)
    failDamaged(path,
                fmt::format("`{}` has {} numbers, not {}", name, found->second.numel(), count));
  return found->second;
}

const std::string& ReadBundle::text(const std::string& name) const {
  auto found = texts.find(name);
  if (found == texts.end()) failDamaged(path, fmt::format("it has no `{}`", name));
  return found->second;
}

ReadBundle readBundle(const std::string& path, bool mustHaveHash) {
  auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
  if (!buffer) {
    errno = buffer.getError().value();
    failCall(path, "cannot be read");
  }
  llvm::StringRef text = (*buffer)->getBuffer();
  uint64_t length = text.size() < kLength ? 0 : llvm::support::endian::read64le(text.data());
  if (length == 0 || length > text.size() - kLength) failDamaged(path, "it ends too early");
  llvm::Expected<llvm::json::Value> head = llvm::json::parse(text.substr(kLength, length));
  if (!head) {
    llvm::consumeError(head.takeError());
    failDamaged(path, "its head is no JSON");
  }
  llvm::StringRef numbers = text.drop_front(kLength + length);
  ReadBundle bundle;
  bundle.path = path;
  const llvm::json::Object* entries = head->getAsObject();
  if (entries == nullptr) failDamaged(path, "its head is no object");
  for (const auto& [key, value] : *entries) {
    llvm::StringRef name = key;
    const llvm::json::Object* about = value.getAsObject();
    if (about == nullptr) failDamaged(path, "its head is none of ours");
    if (name != "__metadata__") {
      bundle.tensors[name.str()] = tensorOf(path, name, *about, numbers);
      continue;
    }
    for (const auto& [word, said] : *about)
      bundle.texts[llvm::StringRef(word).str()] = said.getAsString().value_or("").str();
  }
  bundle.hash = bundle.texts["blake3"];
  bundle.texts.erase("blake3");
  if (bundle.hash.empty() && mustHaveHash) failDamaged(path, "it has no hash");
  std::string hash = hashOf(bundle);
  if (!bundle.hash.empty() && hash != bundle.hash) failDamaged(path, "its hash is another one");
  bundle.hash = hash;
  return bundle;
}

}  // namespace wfc::learn
