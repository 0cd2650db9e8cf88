// See parts.h.
#include "runtime/s3/parts.h"

#include <algorithm>

#include <fmt/format.h>
#include <llvm/ADT/SmallVector.h>

#include "runtime/move/stream.h"
#include "runtime/s3/manifest.h"
#include "runtime/s3/refusal.h"
#include "runtime/s3/upload.h"
#include "runtime/s3/xml.h"

namespace wfc::s3 {

namespace {

/// A store takes 10,000.
constexpr uint64_t kMostParts = 9'000;
constexpr uint64_t kMiB = 1 << 20;

/// What the note says: `HASH SIZE PART ID`; the id is empty before the upload has one.
struct Note {
  std::string hash;
  uint64_t size = 0, part = 0;
  std::string upload;

  std::string text() const { return fmt::format("{} {} {} {}\n", hash, size, part, upload); }
};

Note readNote(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 4> words;
  text.trim("\n").split(words, ' ');
  Note note;
  if (words.size() != 4) return note;
  note.hash = words[0].str();
  words[1].getAsInteger(10, note.size);
  words[2].getAsInteger(10, note.part);
  note.upload = words[3].str();
  return note;
}

bool abortUpload(Store& store, const std::string& key, const std::string& id) {
  Answer answer = store.ask({"DELETE", key, {{"uploadId", id}}});
  return answer.isGood() || answer.status == 404 ||
         store.fail(key, answer, "its unfinished upload cannot be ended");
}

/// The ids of all uploads that are open for a key.
bool openUploads(Store& store, const std::string& key, std::vector<std::string>& ids) {
  Answer answer = store.ask({"GET", "", {{"uploads", ""}, {"prefix", key}}});
  std::optional<Element> xml;
  if (answer.isGood()) xml = readXml(answer.body);
  if (!xml) return store.fail(key, answer, "its unfinished uploads cannot be listed");
  for (const Element& one : xml->children) {
    if (one.name == "Upload" && one.textOf("Key") == key) ids.push_back(one.textOf("UploadId"));
  }
  return true;
}

/// Ends the upload of a note; one that was killed before it had its id in the note is found by its
/// key.
bool endUpload(Store& store, const std::string& key, const Note& note, unsigned* ended = nullptr) {
  std::vector<std::string> ids;
  if (!note.upload.empty())
    ids.push_back(note.upload);
  else if (!openUploads(store, key, ids))
    return false;
  for (const std::string& id : ids) {
    if (!abortUpload(store, key, id)) return false;
    if (ended != nullptr) ++*ended;
  }
  return true;
}

class Sending {
 public:
  Sending(const Parts& parts, const Headers& metadata, const std::vector<std::string>& shas)
      : parts_(parts),
        store_(parts.store),
        work_(parts.store.work),
        metadata_(metadata),
        shas_(shas),
        tags_(parts.count()) {}

  bool run(const move::Digest& hash, std::string& etag) {
    note_ = {move::hexOf(hash), parts_.size, parts_.partSize, {}};
    if (!resume() || (!wasDone_ && note_.upload.empty() && !begin())) return false;
    if (!wasDone_ && (!send() || !complete())) return false;
    Object object;
    Found found = store_.look(parts_.key, object);
    if (found == Found::Failed) return false;
    if (found == Found::No || object.size != parts_.size || object.hash != hash)
      return work_.fail(store_.text(parts_.key),
                        "is not what was sent there: somebody else wrote it meanwhile",
                        "one writer at a time; then give the same command again");
    etag = object.etag;
    return store_.remove(noteOf(parts_.key));
  }

 private:
  /// What a killed attempt has left, if it was of the same bytes.
  bool resume() {
    std::string text;
    Found found = store_.get(noteOf(parts_.key), text);
    if (found != Found::Yes) return found == Found::No;
    Note old = readNote(text);
    bool isSame = old.hash == note_.hash && old.size == note_.size && old.part == note_.part &&
                  !old.upload.empty();
    if (!isSame) return endUpload(store_, parts_.key, old);
    std::map<size_t, Object> there;
    if (!listParts(old.upload, there)) return false;
    if (!isKnown_) return isDone();
    note_.upload = old.upload;
    work_.inParallel(parts_.count(), [&](size_t part) {
      auto one = there.find(part);
      if (one != there.end() && isPart(part, one->second)) tags_[part] = one->second.etag;
    });
    return !work_.isOver();
  }

  /// It may have been killed after its end.
  bool isDone() {
    Object object;
    Found found = store_.look(parts_.key, object);
    wasDone_ = found == Found::Yes && object.hash && move::hexOf(*object.hash) == note_.hash;
    if (wasDone_) {
      work_.count.bytes += parts_.size;
      work_.count.resumedBytes += parts_.size;
    }
    return found != Found::Failed;
  }

  bool listParts(const std::string& id, std::map<size_t, Object>& there) {
    std::string after;
    do {
      Query query = {{"uploadId", id}};
      if (!after.empty()) query.emplace_back("part-number-marker", after);
      Answer answer = store_.ask({"GET", parts_.key, query});
      isKnown_ = answer.status != 404;
      if (!isKnown_) return true;
      std::optional<Element> xml;
      if (answer.isGood()) xml = readXml(answer.body);
      if (!xml) return store_.fail(parts_.key, answer, "the parts that are there cannot be listed");
      for (const Element& one : xml->children) {
        size_t number = 0;
        if (one.name != "Part" ||
            llvm::StringRef(one.textOf("PartNumber")).getAsInteger(10, number) || number == 0)
          continue;
        Object& part = there[number - 1];
        llvm::StringRef(one.textOf("Size")).getAsInteger(10, part.size);
        part.etag = bareTag(one.textOf("ETag"));
      }
      after = xml->textOf("IsTruncated") == "true" ? xml->textOf("NextPartNumberMarker") : "";
    } while (!after.empty() && !work_.isOver());
    return true;
  }

  /// Whether what the store has is what the file has. A tag that is no MD5 proves nothing, and the
  /// part is sent again.
  bool isPart(size_t part, const Object& there) const {
    uint64_t length = parts_.lengthOf(part);
    if (there.size != length) return false;
    return md5Of(parts_.fd, part * parts_.partSize, length) == there.etag;
  }

  /// The note comes first, so that no upload is open that nobody knows of.
  bool begin() {
    if (!store_.put(noteOf(parts_.key), note_.text())) return false;
    Answer answer = store_.ask({"POST", parts_.key, {{"uploads", ""}}, metadata_});
    std::optional<Element> xml;
    if (answer.isGood()) xml = readXml(answer.body);
    if (!xml || xml->textOf("UploadId").empty())
      return store_.fail(parts_.key, answer, "cannot be written");
    note_.upload = xml->textOf("UploadId");
    return store_.put(noteOf(parts_.key), note_.text());
  }

  bool send() {
    std::atomic<bool> isGood{true};
    work_.inParallel(parts_.count(), [&](size_t part) {
      if (!isGood) return;
      uint64_t length = parts_.lengthOf(part);
      if (!tags_[part].empty())
        work_.count.resumedBytes += length;
      else if (!sendPart(part, length))
        isGood = false;
      if (isGood) work_.count.bytes += length;
    });
    return isGood && !work_.isOver();
  }

  bool sendPart(size_t part, uint64_t length) {
    bool isSigned = work_.options.verify != move::Verify::None;
    Answer answer =
        store_.ask({"PUT",
                    parts_.key,
                    {{"partNumber", fmt::format("{}", part + 1)}, {"uploadId", note_.upload}},
                    {},
                    {nullptr, parts_.fd, part * parts_.partSize, length},
                    isSigned ? shas_[part] : "UNSIGNED-PAYLOAD"});
    if (!answer.isGood()) return store_.fail(parts_.key, answer, "cannot be written");
    tags_[part] = bareTag(answer.header("etag"));
    return true;
  }

  bool complete() {
    std::string text =
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (size_t part = 0; part < tags_.size(); ++part)
      text += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", part + 1,
                          escaped(tags_[part]));
    text += "</CompleteMultipartUpload>";
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    Answer answer = store_.ask({"POST",
                                parts_.key,
                                {{"uploadId", note_.upload}},
                                {},
                                {bytes, -1, 0, text.size()},
                                shaOf(bytes, text.size())});
    // An answer that begins well may end with an error; and what was asked twice may have been done
    // the first time. What is there tells.
    bool isDone = answer.isGood() ? codeOf(answer).empty() : codeOf(answer) == "NoSuchUpload";
    return isDone || store_.fail(parts_.key, answer, "cannot be made of its parts");
  }

  const Parts& parts_;
  Store& store_;
  Work& work_;
  const Headers& metadata_;
  const std::vector<std::string>& shas_;
  Note note_;
  /// Of each part that is there.
  std::vector<std::string> tags_;
  bool isKnown_ = false, wasDone_ = false;
};

}  // namespace

uint64_t partSizeOf(uint64_t size, uint64_t asked) {
  uint64_t least = (size / kMostParts + kMiB - 1) / kMiB * kMiB;
  return std::max(asked, least);
}

bool sendParts(const Parts& parts, const move::Digest& hash, const Headers& metadata,
               const std::vector<std::string>& shas, std::string& etag) {
  return Sending(parts, metadata, shas).run(hash, etag);
}

bool cleanUploads(Store& store, const std::string& prefix, unsigned& ended) {
  std::map<std::string, Object> keys;
  if (!store.list(prefix, keys)) return false;
  for (const auto& [key, object] : keys) {
    std::string text;
    size_t name = key.rfind('/') == std::string::npos ? 0 : key.rfind('/') + 1;
    // `.NAME.wfr-part`, and not the mark of a folder, which has no name.
    llvm::StringRef of = llvm::StringRef(key).substr(name);
    if (!of.consume_front(".") || !of.consume_back(kMark) || of.empty()) continue;
    if (store.get(key, text) == Found::Failed) return false;
    if (!endUpload(store, key.substr(0, name) + of.str(), readNote(text), &ended) ||
        !store.remove(key))
      return false;
  }
  return !store.work.isOver();
}

}  // namespace wfc::s3
