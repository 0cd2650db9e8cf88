// One run of wfc: arguments, sources, reports, and the doors to the outside. Commands get one and
// return an exit status.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "compiler/base/filesystem.h"
#include "compiler/base/manual.h"
#include "compiler/diag/emitter.h"
#include "compiler/diag/entry.h"
#include "compiler/diag/sink.h"
#include "compiler/driver/command.h"
#include "compiler/source/sources.h"

namespace wfc::driver {

enum Exit : int { Good = 0, Errors = 1, WrongUse = 2, OurBug = 70 };

using base::version;

class Session {
 public:
  Session(Arguments arguments, std::string program);

  const Arguments arguments;
  const std::string program;  ///< as this process was started
  std::unique_ptr<base::FileSystem> files = base::realFileSystem();
  source::Sources sources;
  diag::Emitter emitter;
  /// The last stage that ran, for allows that are not needed.
  diag::Stage reached = diag::Stage::Driver;

  /// Reads a file into the sources; 0, with a report, if it cannot be read. `-` is standard input.
  source::FileId read(const std::string& path);
  /// Writes unless that changes nothing; false, with a report, if it cannot.
  bool write(const std::string& path, std::string_view text, bool isExecutable = false);
  /// Writes a folder that is not there yet, whole; false, with a report, if it cannot.
  bool writeFolder(const std::string& path, llvm::ArrayRef<base::FolderFile> folder);
  void print(std::string_view text);
  /// Shows the reports and returns the exit status; `otherwise` where there is no error.
  int finish(int otherwise = Good);
  diag::Format format() const;
  /// From now on reports are for people, on standard error: what a program reads is printed
  /// already.
  void reportToPeople() { isForPeople_ = true; }

  /// Whether what goes to that stream (1, 2) is coloured: a terminal, and nobody asked otherwise.
  bool hasColour(int stream) const;

 private:
  bool isForPeople_ = false;
};

}  // namespace wfc::driver
