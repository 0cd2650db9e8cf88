// A Ray cluster on the nodes of a pool: the head here, a worker on each other node, all of them
// children of whoever holds the pool, so that none outlives it.
//
// Which program makes it the flow says; it is called as a person would call it (`ray start
// --block`).
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace wfc::run {

struct RayNode {
  std::string name;
  int64_t cpus = 1;
};

class RayCluster {
 public:
  /// `folder`: where its logs and address lie. `mark` tells clusters of one machine apart.
  RayCluster(std::string program, std::string folder, std::string mark);
  /// Ends all of it.
  ~RayCluster();
  RayCluster(const RayCluster&) = delete;
  RayCluster& operator=(const RayCluster&) = delete;

  /// The first node is this one. `on`: the words before a command that is to run on another.
  /// Returns when the head answers: empty, or why there is none.
  std::string open(const std::vector<RayNode>& nodes,
                   const std::function<std::vector<std::string>(const RayNode&)>& on,
                   const std::function<bool()>& isToldToEnd);
  /// What tasks read as RAY_ADDRESS.
  const std::string& address() const { return address_; }
  /// The program as the flow names it: where it is a path, one of the project's.
  static std::string programOf(const std::string& named, const std::string& project);
  /// The head has ended, and with it the cluster.
  bool isLost();

 private:
  struct Member {
    int pid;
    bool isHead;
  };
  std::string startHead(const RayNode& node);
  std::string log(const std::string& node) const;

  const std::string program_, folder_, mark_;
  std::string address_;
  std::vector<Member> members_;
  bool isHeadGone_ = false;
};

}  // namespace wfc::run
