// What one machine can carry. The engine decides everything while it runs, so nearly all of it is
// the runtime's.
#include "targets/local/local.h"

namespace wfc::targets::local {

using target::Answer;
using target::Capability;

namespace {

constexpr target::Table kTable({
#include "compiler/target/wrapper.def"
    {Capability::NodeLocal, Answer::Native, "a folder of the run, as the machine is the one node"},
    {Capability::Pools, Answer::Native, "the machine is the pool's one node"},
    {Capability::RayClusters, Answer::Native,
     "a head on this machine, from the pool's first start to the end of `wfr start`"},
    {Capability::StaticGraph, Answer::Native, "the engine starts what is ready"},
    {Capability::AfterEnded, Answer::Native, "the engine starts what is ready"},
    {Capability::OkOfFamily, Answer::Native, "judged once all have ended"},
    {Capability::Quorum, Answer::Native, "judged once all have ended"},
    {Capability::FirstOf, Answer::Native, "judged at every end"},
    {Capability::IfMade, Answer::Native, "judged when the producer has ended"},
    {Capability::RunTimeGuards, Answer::Native, "decided when the value has been read"},
    {Capability::Hooks, Answer::Native, "run by the engine after the event"},
    {Capability::StaticFamilies, Answer::Native,
     "kept symbolic; instances are made as they become ready"},
    {Capability::SameIndexEdges, Answer::Native, "the engine starts what is ready"},
    {Capability::OffsetEdges, Answer::Native, "the engine starts what is ready"},
    {Capability::PrefixEdges, Answer::Native, "the engine starts what is ready"},
    {Capability::GroupEdges, Answer::Native, "the engine starts what is ready"},
    {Capability::RunTimeSets, Answer::Native, "read when the producer has ended"},
    {Capability::FilesAtStart, Answer::Native, "read once at the start and recorded"},
    {Capability::Repeat, Answer::Native, "the engine looks at the value after each round"},
    {Capability::Cycles, Answer::Native, "computed by the compiler's calendar"},
    {Capability::OpenCycles, Answer::Native,
     "each cycle becomes ready at its instant while the engine runs; missed ones are caught up"},
    {Capability::WaitForFile, Answer::Native, "looked at by the engine every few seconds"},
    {Capability::WaitForTime, Answer::Native, "a timer of the engine"},
    {Capability::WaitForAny, Answer::Native, "looked at by the engine every few seconds"},
    {Capability::Deadlines, Answer::Native, "a timer of the engine"},
    {Capability::FamilyLimit, Answer::Native, "counted by the engine"},
    {Capability::SharedLimit, Answer::Native, "counted by the engine"},
    {Capability::Refill, Answer::Native, "counted by the engine"},
    {Capability::StartRate, Answer::Native, "counted by the engine"},
    {Capability::Budgets, Answer::Native, "accounted by the engine"},
    {Capability::Priorities, Answer::Native, "order of starting"},
    {Capability::StopAfter, Answer::Native, "counted by the engine"},
    {Capability::Retries, Answer::Native, "by the engine, with delay"},
    {Capability::GrowingRetries, Answer::Native, "by the engine, against the machine's size"},
    {Capability::Resume, Answer::Native, "SIGUSR1 before the slice ends, then a new slice"},
    {Capability::Publish, Answer::Native, "a link, swapped by rename"},
    {Capability::Temp, Answer::Native, "removed by the engine after the last reader"},
    {Capability::Cpus, Answer::Native, "accounted by the engine"},
    {Capability::Memory, Answer::Native, "accounted, and watched where the kernel lets it"},
    {Capability::Time, Answer::Native, "TERM, grace, KILL of the whole process group"},
    {Capability::Gpus, Answer::Native, "numbered by CUDA_VISIBLE_DEVICES"},
    {Capability::Nodes, Answer::Native, "slots of the site; everything is the one machine"},
    {Capability::Ranks, Answer::Native,
     "tasks times cpus are accounted; the body starts its ranks itself"},
    {Capability::Exclusive, Answer::Native, "nothing else runs meanwhile"},
    {Capability::Licences, Answer::Native, "counted by the engine"},
    {Capability::Features, Answer::Native, "those that the site states"},
    {Capability::LocalDisk, Answer::Native,
     "a scratch folder; the room is looked at before the start"},
    {Capability::Partition, Answer::Native, "a pool of slots of the site"},
    {Capability::VaryingNeeds, Answer::Native, "computed for each attempt"},
    {Capability::Containers, Answer::Native,
     "entered by the wrapper with the site's container runtime"},
});

}  // namespace

const target::Table& Local::table() const { return kTable; }

}  // namespace wfc::targets::local
