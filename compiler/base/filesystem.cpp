// The real file system and the one in memory.
//
// Writing goes through a temporary name in the same folder and a rename, so that a reader sees the
// old text or the new one and a full disk leaves the old one; a new folder is made aside, by all
// cores, and renamed as a whole. There is no fsync: what must survive
// a power cut is the ledger, which has its own writer.
#include "compiler/base/filesystem.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace wfc::base {

namespace {

namespace fs = std::filesystem;

std::error_code lastError() { return {errno, std::generic_category()}; }

/// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool isOpen() const { return fd_ >= 0; }
  int get() const { return fd_; }
  /// Closes now, and says whether the system had kept an error for this moment.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

/// Writes a file that is not there yet.
std::error_code writeNew(const std::string& path, const FolderFile& file) {
  mode_t bits = file.mode == FileMode::Executable ? 0777 : 0666;
  Descriptor fresh(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, bits));
  if (!fresh.isOpen() || !writeAll(fresh.get(), file.text) || !fresh.close()) return lastError();
  return {};
}

/// Every `step`-th of the files, from one on, below a folder whose folders are there.
std::error_code writeSome(const std::string& folder, llvm::ArrayRef<FolderFile> files, size_t first,
                          size_t step) {
  std::string path = folder + "/";
  for (size_t n = first; n < files.size(); n += step) {
    path.resize(folder.size() + 1);
    path += files[n].path;
    if (std::error_code error = writeNew(path, files[n])) return error;
  }
  return {};
}

class RealFileSystem final : public FileSystem {
 public:
  llvm::ErrorOr<std::string> read(const std::string& path) const override {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.isOpen()) return lastError();
    struct stat info{};
    if (::fstat(file.get(), &info) != 0) return lastError();
    if (S_ISDIR(info.st_mode)) return std::make_error_code(std::errc::is_a_directory);
    std::string text;
    // One byte more than the size, so that the usual file ends within one read.
    size_t room = std::max<size_t>(static_cast<size_t>(info.st_size) + 1, 4096);
    while (true) {
      size_t used = text.size();
      text.resize(used + room);
      ssize_t got = ::read(file.get(), text.data() + used, room);
      text.resize(used + static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got < 0 && errno != EINTR) return lastError();
      if (got == 0) return text;
      room = 1 << 16;
    }
  }

  llvm::ErrorOr<std::vector<DirectoryEntry>> list(const std::string& path) const override {
    std::error_code error;
    std::vector<DirectoryEntry> entries;
    fs::directory_iterator it(path, error), end;
    for (; !error && it != end; it.increment(error)) {
      std::error_code ignored;
      entries.push_back({it->path().filename().string(), it->is_directory(ignored)});
    }
    if (error) return error;
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
  }

  bool exists(const std::string& path) const override {
    std::error_code ignored;
    return fs::exists(path, ignored);
  }

  std::error_code write(const std::string& path, std::string_view text, FileMode mode) override {
    if (isUnchanged(path, text, mode)) return {};
    std::error_code error;
    fs::path parent = fs::path(path).parent_path();
    if (!parent.empty()) fs::create_directories(parent, error);
    if (error) return error;

    std::string temporary = path + ".tmp" + std::to_string(::getpid());
    mode_t bits = mode == FileMode::Executable ? 0777 : 0666;
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, bits));
    if (!file.isOpen()) return lastError();
    bool isWritten = writeAll(file.get(), text) && file.close() &&
                     ::rename(temporary.c_str(), path.c_str()) == 0;
    if (isWritten) return {};
    error = lastError();
    ::unlink(temporary.c_str());
    return error;
  }

  std::error_code writeFolder(const std::string& path, llvm::ArrayRef<FolderFile> files) override {
    std::string aside = path + ".tmp" + std::to_string(::getpid());
    std::error_code error = writeAside(aside, files);
    if (!error && ::rename(aside.c_str(), path.c_str()) != 0) error = lastError();
    std::error_code ignored;
    if (error) fs::remove_all(aside, ignored);
    return error;
  }

 private:
  static std::error_code writeAside(const std::string& aside, llvm::ArrayRef<FolderFile> files) {
    std::error_code error;
    std::set<std::string_view> folders = {""};
    for (const FolderFile& file : files)
      if (size_t slash = file.path.rfind('/'); slash != std::string_view::npos)
        folders.insert(file.path.substr(0, slash));
    for (std::string_view folder : folders) {
      fs::create_directories(fs::path(aside) / folder, error);
      if (error) return error;
    }
    size_t cores = std::max(1U, std::thread::hardware_concurrency());
    size_t count = std::clamp<size_t>(files.size() / 100, 1, cores);
    std::vector<std::error_code> errors(count);
    std::vector<std::thread> others;
    for (size_t n = 1; n < count; ++n)
      others.emplace_back([&, n] { errors[n] = writeSome(aside, files, n, count); });
    errors[0] = writeSome(aside, files, 0, count);
    for (std::thread& other : others) other.join();
    for (std::error_code each : errors)
      if (each) return each;
    return {};
  }

  bool isUnchanged(const std::string& path, std::string_view text, FileMode mode) const {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
    if (static_cast<size_t>(info.st_size) != text.size()) return false;
    bool isExecutable = (info.st_mode & S_IXUSR) != 0;
    if (isExecutable != (mode == FileMode::Executable)) return false;
    llvm::ErrorOr<std::string> old = read(path);
    return old && *old == text;
  }
};

}  // namespace

std::unique_ptr<FileSystem> realFileSystem() { return std::make_unique<RealFileSystem>(); }

llvm::ErrorOr<std::string> MemoryFileSystem::read(const std::string& path) const {
  auto it = files_.find(path);
  if (it == files_.end()) return std::make_error_code(std::errc::no_such_file_or_directory);
  return it->second;
}

llvm::ErrorOr<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string& path) const {
  std::string prefix = path.empty() || path == "." ? "" : path + "/";
  std::set<std::pair<std::string, bool>> names;
  for (const auto& [file, text] : files_) {
    if (!file.starts_with(prefix)) continue;
    std::string rest = file.substr(prefix.size());
    size_t slash = rest.find('/');
    names.insert({rest.substr(0, slash), slash != std::string::npos});
  }
  if (names.empty()) return std::make_error_code(std::errc::no_such_file_or_directory);
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, isDirectory] : names) entries.push_back({name, isDirectory});
  return entries;
}

bool MemoryFileSystem::exists(const std::string& path) const {
  return files_.contains(path) || !list(path).getError();
}

std::error_code MemoryFileSystem::write(const std::string& path, std::string_view text, FileMode) {
  files_[path] = text;
  return {};
}

std::error_code MemoryFileSystem::writeFolder(const std::string& path,
                                              llvm::ArrayRef<FolderFile> files) {
  for (const FolderFile& file : files) files_[path + "/" + std::string(file.path)] = file.text;
  return {};
}

}  // namespace wfc::base
