// The line between a machine that has a file and one that wants it (`wfr move serve` and `relay`).
//
// The one that has it speaks first: bytes at random. The other answers with one line, `PROOF OFFSET
// SIZE NAME`; PROOF is the BLAKE3 of the secret, those bytes and the rest of the line, so that who
// listens learns no secret and cannot say the line again. Then come frames: four bytes of length,
// and so many of the file; one without bytes says that more is on its way, kNotHere that there is
// none yet. Who asks wrongly is told nothing.
//
// It is proven who asks, not what comes: that is compared with a hash by whoever gets it. Nothing
// is hidden from the network, as with the file systems that such machines share.
#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <string>

#include <llvm/ADT/StringRef.h>

namespace wfc::move {

inline constexpr size_t kChallenge = 32;
/// The most in one frame, and the longest line of who asks.
inline constexpr uint32_t kFrame = 1 << 20;
inline constexpr size_t kAsked = 8192;
inline constexpr uint32_t kNotHere = UINT32_MAX;
/// A line on which nothing came for so long is broken, and a file that has not grown is left.
inline constexpr int kSilentSeconds = 20;

/// Somebody who has it: `IP:PORT/SECRET`.
struct Peer {
  std::string address;  ///< `IP:PORT`
  std::string secret;
  sockaddr_in at{};
};
std::optional<Peer> readPeer(llvm::StringRef text);

/// Digits of as many random bytes.
std::string randomHex(size_t bytes);
/// `secret` knows this one.
std::string proofOf(llvm::StringRef secret, llvm::StringRef challenge, llvm::StringRef asked);

bool sendAll(int socket, llvm::StringRef bytes, bool hasMore = false);
/// False: the line is broken, or nothing came for as long as the socket waits.
bool receiveAll(int socket, char* to, size_t size);
/// How long the socket waits.
void setPatience(int socket, int seconds);

}  // namespace wfc::move
