// XML as Rocoto's parser reads it: entities replaced, those of other files (SYSTEM) and parameter
// entities too, CDATA as text, comments dropped. Every text keeps its place.
//
// It knows nothing of Rocoto's tags. What is not well-formed is reported, and so are entities that
// cannot be read, that hold themselves, or that grow beyond measure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/target/foreign.h"

#include "targets/rocoto/foreign/text.h"

namespace wfc::targets::rocoto::foreign {

struct Attribute {
  std::string name;
  source::Range at;  ///< the name
  Text value;
};

/// An element, or a text between elements (then `name` is empty).
struct Node {
  std::string name;
  source::Range at;   ///< `<name`, or nowhere for a text
  source::Range all;  ///< from its first byte to its last, where it stands in one file
  std::vector<Attribute> attributes;
  Text text;
  std::vector<Node> children;

  bool isElement() const { return !name.empty(); }
  const Attribute* attribute(llvm::StringRef name) const;
  /// The value of an attribute, or empty.
  llvm::StringRef value(llvm::StringRef name) const;
  const Node* child(llvm::StringRef name) const;
  /// The texts right below it, joined.
  Text content() const;
};

/// A general entity as it was declared.
struct Entity {
  std::string name;
  source::Range at;  ///< its value, without quotes
  std::string text;
  std::string system;  ///< the file it names; empty for one with a text
  bool isUsed = false;
};

struct Xml {
  Node root;
  std::vector<Entity> entities;
};

/// The document in a file, or nullopt where it is not one (which is reported).
std::optional<Xml> readXml(const target::Reading& reading, source::FileId file);

}  // namespace wfc::targets::rocoto::foreign
