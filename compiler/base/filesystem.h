// The only door to files. Every stage that needs one gets a FileSystem from the driver; tests and
// editors hand in one that lives in memory.
//
// It does not know about current directories beyond what the operating system does with a relative
// path, and it never follows a pattern: globbing is the driver's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <llvm/ADT/ArrayRef.h>
#include <llvm/Support/ErrorOr.h>

namespace wfc::base {

/// One name in a folder.
struct DirectoryEntry {
  std::string name;
  bool isDirectory = false;
};

/// Whether a written file may be executed.
enum class FileMode { Plain, Executable };

/// A file of a folder that is written at once.
struct FolderFile {
  std::string_view path, text;
  FileMode mode = FileMode::Plain;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// The whole file. A folder is an error.
  virtual llvm::ErrorOr<std::string> read(const std::string& path) const = 0;

  /// The names in a folder, sorted by bytes.
  virtual llvm::ErrorOr<std::vector<DirectoryEntry>> list(const std::string& path) const = 0;

  /// Whether a file or folder is there.
  virtual bool exists(const std::string& path) const = 0;

  /// Puts `text` there, completely or not at all, making the folders above it. A file that already
  /// has this text and mode keeps its time stamp.
  virtual std::error_code write(const std::string& path, std::string_view text,
                                FileMode mode = FileMode::Plain) = 0;

  /// Puts a folder with these files there, where nothing is yet: all of them or none. Paths are
  /// relative to it.
  virtual std::error_code writeFolder(const std::string& path,
                                      llvm::ArrayRef<FolderFile> files) = 0;
};

/// The files of this machine.
std::unique_ptr<FileSystem> realFileSystem();

/// Files in memory. Folders exist as far as files are in them.
class MemoryFileSystem final : public FileSystem {
 public:
  llvm::ErrorOr<std::string> read(const std::string& path) const override;
  llvm::ErrorOr<std::vector<DirectoryEntry>> list(const std::string& path) const override;
  bool exists(const std::string& path) const override;
  std::error_code write(const std::string& path, std::string_view text,
                        FileMode mode = FileMode::Plain) override;
  std::error_code writeFolder(const std::string& path, llvm::ArrayRef<FolderFile> files) override;

  /// All files by path.
  const std::map<std::string, std::string>& files() const { return files_; }

 private:
  std::map<std::string, std::string> files_;
};

}  // namespace wfc::base
