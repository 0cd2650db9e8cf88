// A Site: what a machine room offers, as its TOML file says. Needs are checked against it and bound
// to it (pass/bind_site.cpp); what the runtime has to know of it is frozen as text into the module
// (facts).
//
// Every number that a need can exceed remembers where it stands, so that a report can point at the
// line of the site file as well as at the flow. It does not know any scheduler; `scheduler` is only
// compared with what a target wants.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "llvm/ADT/StringRef.h"

#include "compiler/source/range.h"

namespace wfc::site {

/// A number of the site and where it is written. Sizes are bytes, times milliseconds.
struct Amount {
  int64_t value = 0;
  source::Range at;
  /// Not stated: on a site that oversubscribes, whatever the machine has.
  bool isStated() const { return at.valid(); }
};

/// A text of the site and where it is written.
struct Text {
  std::string text;
  source::Range at;
};

struct Gpus {
  std::string model;
  Amount count;  ///< on each node
};

struct Partition {
  std::string name;
  source::Range at;
  Amount nodes, cores;  ///< cores of a node
  Amount memory;        ///< of a node, as its maker says
  Amount usableMemory;  ///< what jobs get of it; not stated: all
  Amount walltime;
  std::vector<Text> qos;   ///< the first is the one that jobs get
  std::vector<Gpus> gpus;  ///< of a node
  std::map<std::string, Amount> licences;
  std::vector<Text> features;  ///< of its nodes, or of some of them

  const Amount& memoryOfJobs() const { return usableMemory.isStated() ? usableMemory : memory; }
};

struct Rate {
  int64_t count = 0, perMs = 0;  ///< perMs 0: none
  source::Range at;
};

struct Site {
  std::string name;
  Text scheduler;
  std::string version;
  std::map<std::string, Text> accounts;  ///< by reference, `@env:NAME`, or by name
  bool submitFromCompute = true;         ///< jobs may submit jobs
  source::Range submitFromComputeAt;
  bool sacct = true;
  std::string gpuFlag = "gres";  ///< gres or gpus-per-node
  int64_t marginMs = 0;          ///< added to every walltime for the runtime's own work
  Text defaultPartition;
  bool oversubscribe = false;  ///< sizes are slots, not hardware
  Amount arrayLimit, submitLimit;
  Rate rate;
  Amount defaultCpus, defaultMemory, defaultTime;
  Text modules;     ///< lmod, tmod or none
  Text containers;  ///< apptainer, docker, podman or none
  std::string localDiskPath;
  Amount localDisk;
  Amount scatterRate;  ///< bytes a second that a node gives to others of what is scattered
  Amount quotaBytes, quotaFiles;  ///< what one user may have on the shared disk; files and folders
  std::map<std::string, Amount> licences;  ///< of the whole site
  std::vector<Partition> partitions;       ///< in the order of the file
  std::string publishRoot;
  // For schedulers that place tasks among data centres, by drivers.
  std::vector<Text> datacenters;
  Text driver;        ///< how nodes run a task: raw_exec or docker
  std::string image;  ///< of a task that names no container, where nodes run images
  Amount coreMhz;     ///< cores are asked for as so many MHz each
  Amount poolIdle;    ///< a pool that had nothing to do for so long gives its nodes back
  Amount lostAfter;   ///< how long a node may be away before its tasks are lost
  std::map<std::string, Text> devices;  ///< GPU model -> the device's name there

  const Partition* partition(llvm::StringRef name) const;
};

/// What the runtime needs of the site, as text. Keys:
/// `scheduler` `version` `account` `account.NAME` `submit_from_compute` `sacct` `gpu_flag`
/// `margin_ms` `oversubscribe` `limit.array` `limit.submit` `limit.rate_count` `limit.rate_ms`
/// `pool_idle_ms` `datacenters` (with commas) `driver` `image` `core_mhz` `lost_after_ms`
/// `device.MODEL` `modules` `containers` `local_disk.path` `local_disk.bytes`
/// `local_disk.scatter_rate` `licence.NAME` and, for each partition,
/// `partition.NAME.nodes|cores|memory|walltime_ms|qos|gpus.MODEL`. What is not stated is left out:
/// then it is whatever the machine has.
std::map<std::string, std::string> facts(const Site& site);

}  // namespace wfc::site
