// Choice of the form.
#include "compiler/diag/sink.h"

#include <array>
#include <utility>

#include "compiler/base/assert.h"

namespace wfc::diag {

namespace {
constexpr std::array kFormats = {
    std::pair{std::string_view("text"), Format::Text},
    std::pair{std::string_view("json"), Format::Json},
    std::pair{std::string_view("sarif"), Format::Sarif},
    std::pair{std::string_view("github"), Format::Github},
};
}  // namespace

std::optional<Format> parseFormat(std::string_view name) {
  for (auto [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::vector<std::string_view> formatNames() {
  std::vector<std::string_view> names;
  for (auto [name, format] : kFormats) names.push_back(name);
  return names;
}

std::string render(const source::Sources& sources, const std::vector<Diagnostic>& diagnostics,
                   const RenderOptions& options) {
  switch (options.format) {
    case Format::Text:
      return renderText(sources, diagnostics, options.colour);
    case Format::Json:
      return renderJson(sources, diagnostics);
    case Format::Sarif:
      return renderSarif(sources, diagnostics);
    case Format::Github:
      return renderGithub(sources, diagnostics);
  }
  WFC_UNREACHABLE("no such format");
}

}  // namespace wfc::diag
