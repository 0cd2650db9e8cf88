// See hcl.h. Attributes that follow one another are aligned; a comment, a block or a blank line
// ends such a group.
#include "compiler/target/text/hcl.h"

#include <algorithm>

#include "fmt/format.h"

namespace wfc::target::hcl {

namespace {

std::string escaped(llvm::StringRef text, bool keepsTemplates) {
  std::string result = "\"";
  for (size_t n = 0; n < text.size(); ++n) {
    char c = text[n];
    bool opens = (c == '$' || c == '%') && n + 1 < text.size() && text[n + 1] == '{';
    if (opens && !keepsTemplates)
      result += {c, c};
    else if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (c == '\n')
      result += "\\n";
    else if (c == '\r')
      result += "\\r";
    else if (c == '\t')
      result += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result + "\"";
}

}  // namespace

std::string quoted(llvm::StringRef text) { return escaped(text, false); }
std::string quotedTemplate(llvm::StringRef text) { return escaped(text, true); }

void Body::attribute(llvm::StringRef name, std::string value) {
  items_.push_back({Item::Attribute, name.str(), std::move(value), nullptr});
}

void Body::comment(llvm::StringRef text) {
  std::string line = text.str();
  std::replace(line.begin(), line.end(), '\n', ' ');
  items_.push_back({Item::Comment, {}, std::move(line), nullptr});
}

Body& Body::block(llvm::StringRef name, llvm::StringRef label) {
  items_.push_back({Item::Block, name.str(), label.empty() ? "" : quoted(label) + " ",
                    std::make_unique<Body>()});
  return *items_.back().body;
}

size_t Body::printAttributes(size_t from, const std::string& indent, std::string& text) const {
  size_t to = from, width = 0;
  for (; to < items_.size() && items_[to].kind == Item::Attribute; ++to)
    width = std::max(width, items_[to].name.size());
  for (size_t n = from; n < to; ++n)
    text += fmt::format("{}{:<{}} = {}\n", indent, items_[n].name, width, items_[n].value);
  return to;
}

std::string Body::print(unsigned level) const {
  std::string indent(2 * size_t{level}, ' '), text;
  for (size_t n = 0; n < items_.size();) {
    const Item& item = items_[n];
    bool isFirst = n == 0, followsComment = !isFirst && items_[n - 1].kind == Item::Comment;
    bool isSame = !isFirst && item.kind == items_[n - 1].kind && item.kind != Item::Block;
    if (!isFirst && !followsComment && !isSame) text += '\n';
    if (item.kind == Item::Attribute) {
      n = printAttributes(n, indent, text);
      continue;
    }
    if (item.kind == Item::Comment)
      text += fmt::format("{}# {}\n", indent, item.value);
    else
      text += fmt::format("{0}{1} {2}{{\n{3}{0}}}\n", indent, item.name, item.value,
                          item.body->print(level + 1));
    ++n;
  }
  return text;
}

}  // namespace wfc::target::hcl
