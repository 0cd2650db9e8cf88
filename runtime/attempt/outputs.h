// Outputs of an attempt: probed, hashed, and moved to their place in one rename each; folders
// filled before the body runs.
#pragma once

#include <string>
#include <vector>

#include "runtime/attempt/run.h"

namespace wfc::run {

/// BLAKE3 of a file, or of a folder: over the sorted names, sizes and hashes in it. False if it
/// cannot be read. `inodes`, if wanted: files and folders in it, itself among them.
bool hashOf(const std::string& path, uint64_t& bytes, std::string& hash, uint64_t* inodes = nullptr,
            std::string* why = nullptr);
/// Empty, or what is wrong with an output that the body should have written.
std::string probe(const Job& job, const JobOutput& output);
/// The members of a set that lies in a folder, sorted.
std::vector<std::string> membersOf(const JobOutput& output, const std::string& folder);
/// Probes, reads small values and the members of sets, hashes. Empty, or what is missing or wrong.
/// Moves nothing.
std::string collect(const Job& job, Ending& ending);
/// Moves all to their places. From here on the attempt's work is visible. Empty, or why it failed.
std::string publishOutputs(const Job& job);
/// Makes folders of outputs, and fills templates. Empty, or what is wrong.
std::string prepareOutputs(const Job& job);
/// rm -r, without following links.
void removeAll(const std::string& path);

}  // namespace wfc::run
