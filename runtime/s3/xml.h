// What a store answers: XML, read by expat into a small tree.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <llvm/ADT/StringRef.h>

namespace wfc::s3 {

struct Element {
  std::string name, text;
  std::vector<Element> children;

  /// The first child of a name; nothing where there is none.
  const Element* child(llvm::StringRef called) const;
  /// Its text; empty where there is none.
  std::string textOf(llvm::StringRef called) const;
};

/// Nothing where it is no XML.
std::optional<Element> readXml(const std::string& text);

/// A text between tags.
std::string escaped(llvm::StringRef text);

}  // namespace wfc::s3
