// See peer.h.
#include "runtime/move/peer.h"

#include <arpa/inet.h>
#include <cerrno>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <fmt/format.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/BLAKE3.h>

#include "runtime/move/stream.h"

namespace wfc::move {

std::optional<Peer> readPeer(llvm::StringRef text) {
  Peer peer;
  auto [address, secret] = text.split('/');
  auto [ip, port] = address.split(':');
  peer.address = address.str();
  peer.secret = secret.str();
  uint16_t number = 0;
  peer.at.sin_family = AF_INET;
  bool isRead = !secret.empty() && !port.getAsInteger(10, number) &&
                ::inet_pton(AF_INET, ip.str().c_str(), &peer.at.sin_addr) == 1;
  peer.at.sin_port = htons(number);
  return isRead ? std::optional(peer) : std::nullopt;
}

std::string randomHex(size_t bytes) {
  std::string random(bytes, '\0');
  // The kernel gives so few at once.
  while (::getrandom(random.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
  }
  return llvm::toHex(random, true);
}

std::string proofOf(llvm::StringRef secret, llvm::StringRef challenge, llvm::StringRef asked) {
  llvm::BLAKE3 hasher;
  for (llvm::StringRef part : {secret, challenge, asked}) hasher.update(part);
  return hexOf(hasher.final<32>());
}

bool sendAll(int socket, llvm::StringRef bytes, bool hasMore) {
  while (!bytes.empty()) {
    ssize_t sent =
        ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | (hasMore ? MSG_MORE : 0));
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.drop_front(static_cast<size_t>(sent));
  }
  return true;
}

bool receiveAll(int socket, char* to, size_t size) {
  while (size > 0) {
    ssize_t got = ::recv(socket, to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

void setPatience(int socket, int seconds) {
  timeval time{seconds, 0};
  // Of sending: connecting counts as that.
  for (int option : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(socket, SOL_SOCKET, option, &time, sizeof time);
}

}  // namespace wfc::move
