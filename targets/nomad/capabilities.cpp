// What Nomad carries. It has no graph: nearly everything that decides is the coordinator's, which
// runs the same loop as `local`; nearly everything that works is the wrapper's, in the task.
#include "targets/nomad/nomad.h"

namespace wfc::targets::nomad {

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
     "Nomad places each allocation by itself and holds none over several; leave out the pool, or "
     "build for slurm or local"},
    {Capability::StaticGraph, Answer::Runtime, "the coordinator dispatches what is ready"},
    {Capability::AfterEnded, Answer::Runtime, "the coordinator dispatches what is ready"},
    {Capability::OkOfFamily, Answer::Runtime, "judged by the coordinator once all have ended"},
    {Capability::Quorum, Answer::Runtime, "judged by the coordinator once all have ended"},
    {Capability::FirstOf, Answer::Runtime, "judged by the coordinator at every end"},
    {Capability::IfMade, Answer::Runtime, "judged by the coordinator when the producer has ended"},
    {Capability::RunTimeGuards, Answer::Runtime,
     "decided by the coordinator when the value has been read"},
    {Capability::Hooks, Answer::Runtime, "run by the coordinator, in its own allocation"},
    {Capability::StaticFamilies, Answer::Native,
     "one parameterized job, a dispatch for each instance"},
    {Capability::SameIndexEdges, Answer::Runtime, "the coordinator dispatches what is ready"},
    {Capability::OffsetEdges, Answer::Runtime, "the coordinator dispatches what is ready"},
    {Capability::PrefixEdges, Answer::Runtime, "the coordinator dispatches what is ready"},
    {Capability::GroupEdges, Answer::Runtime, "the coordinator dispatches what is ready"},
    {Capability::RunTimeSets, Answer::Runtime,
     "read by the coordinator when the producer has ended"},
    {Capability::FilesAtStart, Answer::Runtime, "read by the coordinator once and recorded"},
    {Capability::Repeat, Answer::Runtime, "the coordinator looks at the value after each round"},
    {Capability::Cycles, Answer::Native,
     "computed by the compiler's calendar; a dispatch for each"},
    {Capability::OpenCycles, Answer::Runtime,
     "the coordinator dispatches each cycle at its instant; missed ones are caught up"},
    {Capability::WaitForFile, Answer::Runtime, "looked at by the coordinator every few seconds"},
    {Capability::WaitForTime, Answer::Runtime, "a timer of the coordinator"},
    {Capability::WaitForAny, Answer::Runtime, "looked at by the coordinator every few seconds"},
    {Capability::Deadlines, Answer::Runtime,
     "a timer of the coordinator; the wrapper is told and ends the body"},
    {Capability::FamilyLimit, Answer::Runtime, "counted by the coordinator, from dispatch to end"},
    {Capability::SharedLimit, Answer::Runtime, "counted by the coordinator, from dispatch to end"},
    {Capability::Refill, Answer::Runtime, "counted by the coordinator"},
    {Capability::StartRate, Answer::Runtime, "the coordinator bounds dispatches, not starts"},
    {Capability::Budgets, Answer::Runtime, "accounted by the coordinator"},
    {Capability::Priorities, Answer::Runtime, "order of dispatch"},
    {Capability::StopAfter, Answer::Runtime, "counted by the coordinator"},
    {Capability::Retries, Answer::Runtime,
     "by the coordinator, with delay; restart and reschedule of the job are 0"},
    {Capability::GrowingRetries, Answer::Runtime,
     "the grown needs are registered as a job of their own"},
    {Capability::Resume, Answer::Runtime,
     "the wrapper sends SIGUSR1 before the slice ends; the next slice is a dispatch"},
    {Capability::Publish, Answer::Runtime, "a link, swapped by the coordinator"},
    {Capability::Temp, Answer::Runtime, "removed by the coordinator after the last reader"},
    {Capability::Cpus, Answer::Native,
     "resources: cores, or cpu where the site says how many MHz a core counts for"},
    {Capability::Memory, Answer::Native,
     "resources: memory, in MiB, 32 more for the wrapper, which watches the body"},
    {Capability::Time, Answer::Runtime,
     "kept by the wrapper in the task; this Nomad has no limit of time"},
    {Capability::Gpus, Answer::Native,
     "resources: device, by the name that the site gives a model, or by a name that contains it"},
    {Capability::Nodes, Answer::Refused,
     "a task of Nomad runs on one node; leave out `nodes`, or build for a target that gives "
     "several"},
    {Capability::Ranks, Answer::Native,
     "resources for tasks times cpus; the body starts its ranks itself"},
    {Capability::Exclusive, Answer::Expanded,
     "all cores of a node are asked for, as many as the site says it has"},
    {Capability::Licences, Answer::Runtime, "counted by the coordinator, over the run"},
    {Capability::Features, Answer::Native,
     "constraint: a node lists its own in its meta, `features`, with commas"},
    {Capability::LocalDisk, Answer::Native, "ephemeral_disk: size"},
    {Capability::Partition, Answer::Native, "node_pool; a QOS or an account is refused"},
    {Capability::VaryingNeeds, Answer::Runtime, "each size is registered as a job of its own"},
    {Capability::Containers, Answer::Native,
     "the driver's image with `driver = \"docker\"`, else entered by the wrapper"},
});

}  // namespace

const target::Table& Nomad::table() const { return kTable; }

}  // namespace wfc::targets::nomad
