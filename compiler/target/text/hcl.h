// HCL, as people write it: attributes of a body aligned, a blank line before each block.
//
//   hcl::Body job;
//   job.text("type", "batch");
//   hcl::Body& group = job.block("group", "model");
//
// What is printed is what the format's own formatter leaves alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

namespace wfc::target::hcl {

/// A text as a quoted literal; what would be read as a template is escaped.
std::string quoted(llvm::StringRef text);
/// The same, but `${…}` and `%{…}` stay templates.
std::string quotedTemplate(llvm::StringRef text);

/// What stands between two braces, in the order in which it was put there.
class Body {
 public:
  /// `value` is ready HCL.
  void attribute(llvm::StringRef name, std::string value);
  void text(llvm::StringRef name, llvm::StringRef value) { attribute(name, quoted(value)); }
  void number(llvm::StringRef name, int64_t value) { attribute(name, std::to_string(value)); }
  /// A line of its own, before what is put next.
  void comment(llvm::StringRef text);
  /// `label` empty: none. The block is the body's and stays where it is.
  Body& block(llvm::StringRef name, llvm::StringRef label = {});

  /// The lines, `level` steps of two blanks deep.
  std::string print(unsigned level = 0) const;

 private:
  struct Item {
    enum Kind { Attribute, Comment, Block } kind;
    std::string name, value;
    std::unique_ptr<Body> body;
  };
  size_t printAttributes(size_t from, const std::string& indent, std::string& text) const;
  std::vector<Item> items_;
};

}  // namespace wfc::target::hcl
