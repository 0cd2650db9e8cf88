// A run and a flow that was changed since: what of the run stands, instance by instance. The ledger
// of before is read by the plan of now; what is made by another recipe (runtime/attempt/recipe.h)
// is taken back with everything downstream, which stands after all if what it reads comes out the
// same.
//
// Nothing is changed here; adopt.h does that.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/attempt/job.h"
#include "runtime/control/controller.h"

namespace wfc::run {

/// What becomes of an instance.
enum class Fate : uint8_t {
  Reused,    ///< outcome and outputs stay
  Rerun,     ///< it was made by another recipe
  Maybe,     ///< it reads what runs again: rerun if that comes out otherwise
  Fresh,     ///< it has not ended yet, or the run did not have it
  Orphaned,  ///< the flow has it no more
};
inline constexpr unsigned kFates = 5;
llvm::StringRef fateName(Fate fate);

class Comparison {
 public:
  /// `header` and `plan` are of the artifacts that the run is to go on with. Empty, or why they
  /// cannot be compared.
  std::string make(const RunView& old, const RunHeader& header, const std::string& plan);

  struct Item {
    std::string family, id;
    Fate fate = Fate::Reused;
    std::string why;  ///< of Reused: empty
  };
  /// In order of text and key; orphans last.
  const std::vector<Item>& items() const { return items_; }
  uint64_t countOf(Fate fate) const { return counts_[static_cast<size_t>(fate)]; }
  /// Published links that nothing goes by any more, or not until something has run.
  const std::vector<std::string>& links() const { return links_; }
  /// Everything stands, and there is nothing new to do.
  bool isSame() const;
  /// The ledger with which the run goes on.
  const std::string& journal() const { return journal_; }

 private:
  struct Verdict {
    std::string why, recipe;
    bool isChanged = false;
  };
  void translate();
  bool translateRecord(Record& record, const ir::Task* before, const ir::Task* after);
  void keepAttempts(Record& record) const;
  bool mayBecomeKnown(llvm::StringRef id) const;
  void readFiles();
  void note(const Record& record);
  Verdict judge(InstanceId id, InstanceId before);
  std::string differenceOf(const Job& was, const Job& now) const;
  std::string changeOutside(InstanceId before, const Job& now) const;
  std::string differentBounds(InstanceId id, InstanceId before) const;
  std::string differentWait(InstanceId id, InstanceId before) const;
  void takeBack();
  void findOrphans();
  void noteLinks();
  std::string whyTakenBack(InstanceId id, const std::set<InstanceId>& taken);
  void add(InstanceId id, Fate fate, std::string why);

  const RunView* old_ = nullptr;
  RunView now_;
  /// The old ledger, in which the new engine has places.
  History history_;
  std::map<InstanceId, Verdict> verdicts_;
  std::map<std::string, std::vector<std::string>> published_;
  std::vector<Item> items_, orphans_;
  uint64_t counts_[kFates] = {};
  std::vector<std::string> links_;
  std::string journal_;
  int64_t at_ = 0;
};

}  // namespace wfc::run
