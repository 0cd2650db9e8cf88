// JSON schemas as probes of artifacts: does a document fit one?
//
// Carried are the words that say what a result holds: type, required, properties,
// additionalProperties, items, enum, const, minimum, maximum, exclusiveMinimum, exclusiveMaximum,
// minItems, maxItems, minLength, maxLength. A schema that uses another word is refused rather than
// half obeyed; titles, descriptions and the like are for people.
#pragma once

#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::run {

/// Empty if the document fits the schema, else where and why not: `$.loss is no number`.
std::string misfit(llvm::StringRef schema, llvm::StringRef document);

}  // namespace wfc::run
