// What Rocoto carries over SLURM: its own words where they say what the flow says, a step before
// each rocotorun where they do not. Nothing ever waits inside a job.
#include "targets/rocoto/rocoto.h"

namespace wfc::targets::rocoto {

using target::Answer;
using target::Capability;

namespace {

constexpr target::Table kTable({
#include "compiler/target/wrapper.def"
    {Capability::NodeLocal, Answer::Refused,
     "jobs hold no nodes; leave out `on node`, `scatter` and `gather`"},
    {Capability::RayClusters, Answer::Refused,
     "it lives on the nodes of a pool, and there is none; build for slurm or local"},
    {Capability::Pools, Answer::Refused,
     "Rocoto submits a job for each task and holds no allocation; leave out the pool, or build "
     "for slurm or local"},
    {Capability::StaticGraph, Answer::Native, "taskdep, metataskdep and datadep"},
    {Capability::AfterEnded, Answer::Runtime,
     "no state of Rocoto's means that; a step marks who may start"},
    {Capability::OkOfFamily, Answer::Runtime,
     "a step marks who may start once all have ended; the job reads what was ok"},
    {Capability::Quorum, Answer::Runtime,
     "a step counts once all have ended, and marks who may start"},
    {Capability::FirstOf, Answer::Runtime, "a step marks the reader once n are ok"},
    {Capability::IfMade, Answer::Runtime, "a step marks the reader once the producer has ended"},
    {Capability::RunTimeGuards, Answer::Runtime,
     "a step reads the value and marks who may start, or records skipped"},
    {Capability::Hooks, Answer::Runtime, "run by the step after the event"},
    {Capability::StaticFamilies, Answer::Native,
     "metatasks: nested for products, side by side else"},
    {Capability::SameIndexEdges, Answer::Native,
     "taskdep in the same cycle, with the same variables"},
    {Capability::OffsetEdges, Answer::Native,
     "taskdep with cycle_offset; the base case by cycleexistdep"},
    {Capability::PrefixEdges, Answer::Native,
     "a taskdep for each cycle before, up to 64; by a step's marker beyond"},
    {Capability::GroupEdges, Answer::Native,
     "metataskdep, or taskdeps of the members; by a step's marker where they differ"},
    {Capability::RunTimeSets, Answer::Runtime,
     "a step writes the members into the run's entities, which Rocoto reads anew"},
    {Capability::FilesAtStart, Answer::Runtime,
     "`wfr start` reads the pattern and writes the members into the run's entities"},
    {Capability::Repeat, Answer::Runtime,
     "a step reads the value and marks the next round, or records skipped"},
    {Capability::Cycles, Answer::Native,
     "cycledefs of start, stop and step; one for each run of equal steps of a calendar"},
    {Capability::OpenCycles, Answer::Native,
     "realtime=\"F\" with a timedep; missed ones are caught up"},
    {Capability::WaitForFile, Answer::Runtime, "looked at by each step"},
    {Capability::WaitForTime, Answer::Runtime, "looked at by each step"},
    {Capability::WaitForAny, Answer::Runtime, "all are looked at by each step"},
    {Capability::Deadlines, Answer::Runtime, "a step ends what is late"},
    {Capability::FamilyLimit, Answer::Native,
     "throttle of the task or metatask; queued jobs count"},
    {Capability::SharedLimit, Answer::Runtime,
     "a step marks as many as there is room for; queued jobs count"},
    {Capability::Refill, Answer::Runtime, "a step marks more once it has drained"},
    {Capability::StartRate, Answer::Runtime, "a step bounds releases, not starts"},
    {Capability::Budgets, Answer::Runtime, "a step marks more as room becomes free"},
    {Capability::Priorities, Answer::Native,
     "the order of tasks in the document, and --nice for the low ones"},
    {Capability::StopAfter, Answer::Runtime, "a step holds what is left of the block"},
    {Capability::Retries, Answer::Runtime,
     "Rocoto submits again what the runtime does not hold; the runtime counts, by cause"},
    {Capability::GrowingRetries, Answer::Runtime,
     "the grown needs stand in the run's entities for a rocotorun of their own"},
    {Capability::Resume, Answer::Runtime,
     "SIGUSR1 before the slice ends; Rocoto submits the next slice"},
    {Capability::Publish, Answer::Runtime, "a link, swapped by the step"},
    {Capability::Temp, Answer::Runtime, "removed by the step after the last reader"},
    {Capability::Cpus, Answer::Native, "tpp of nodes"},
    {Capability::Memory, Answer::Native, "memory, in MiB, a node"},
    {Capability::Time, Answer::Native,
     "walltime, the site's margin added; kept to the second by the wrapper"},
    {Capability::Gpus, Answer::Native, "native: --gres or --gpus-per-node, as the site says"},
    {Capability::Nodes, Answer::Native, "nodes"},
    {Capability::Ranks, Answer::Native, "ppn of nodes; native: --ntasks where they do not divide"},
    {Capability::Exclusive, Answer::Native, "exclusive"},
    {Capability::Licences, Answer::Native, "native: --licenses"},
    {Capability::Features, Answer::Native, "native: --constraint"},
    {Capability::LocalDisk, Answer::Native, "native: --tmp"},
    {Capability::Partition, Answer::Native, "partition, queue (the QOS) and account"},
    {Capability::VaryingNeeds, Answer::Runtime,
     "each amount stands in the run's entities for a rocotorun of its own"},
    {Capability::Containers, Answer::Native,
     "entered by the wrapper with the site's container runtime"},
});

}  // namespace

const target::Table& Rocoto::table() const { return kTable; }

}  // namespace wfc::targets::rocoto
