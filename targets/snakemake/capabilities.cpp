// What Snakemake 9 can carry on one machine. Its graph is fixed when a round starts, so what
// becomes known while it runs is the next round's; what would wait inside a job is refused.
#include "targets/snakemake/snakemake.h"

namespace wfc::targets::snakemake {

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
     "Snakemake submits a job for each rule and holds no allocation; leave out the pool, or "
     "build for slurm or local"},
    {Capability::StaticGraph, Answer::Native, "inputs and outputs of rules, as markers"},
    {Capability::AfterEnded, Answer::Runtime,
     "Snakemake starts nothing after a failure; another round starts without what has failed"},
    {Capability::OkOfFamily, Answer::Runtime,
     "where a member has failed, another round starts without it"},
    {Capability::Quorum, Answer::Runtime,
     "where a member has failed, another round starts without it; the runtime counts"},
    {Capability::FirstOf, Answer::Runtime,
     "the reader starts in the round after; those that run are waited for"},
    {Capability::IfMade, Answer::Native, "the job starts after the producer and reads its end"},
    {Capability::RunTimeGuards, Answer::Native,
     "the job reads the value and ends at once, skipped, where it says so"},
    {Capability::Hooks, Answer::Runtime, "run by `wfr start` after the event"},
    {Capability::StaticFamilies, Answer::Native, "a rule with wildcards; keys in index.json"},
    {Capability::SameIndexEdges, Answer::Native, "the same wildcards in input and output"},
    {Capability::OffsetEdges, Answer::Native, "an input function that looks into index.json"},
    {Capability::PrefixEdges, Answer::Native, "an input function that looks into index.json"},
    {Capability::GroupEdges, Answer::Native, "an input function that looks into index.json"},
    {Capability::RunTimeSets, Answer::Runtime,
     "the members are written into index.json for the round after the one that found them"},
    {Capability::FilesAtStart, Answer::Runtime,
     "`wfr start` reads the pattern and writes index.json"},
    {Capability::Repeat, Answer::Native,
     "a chain of n jobs; those after the end say so at once and do nothing"},
    {Capability::Cycles, Answer::Native, "a rule over the windows"},
    {Capability::OpenCycles, Answer::Refused,
     "a run of Snakemake has an end; give the cycle one, or build for `local` or `slurm`"},
    {Capability::WaitForFile, Answer::Runtime,
     "looked at by `wfr start`; what waits for it starts in the round after"},
    {Capability::WaitForTime, Answer::Runtime,
     "looked at by `wfr start`; what waits for it starts in the round after"},
    {Capability::WaitForAny, Answer::Runtime,
     "all are looked at by `wfr start`; what waits for them starts in the round after"},
    {Capability::Deadlines, Answer::Refused,
     "Snakemake does not say when a job could start; give the task a time, or build for `local` "
     "or `slurm`"},
    {Capability::FamilyLimit, Answer::Native, "a resource of one for each, counted in the profile"},
    {Capability::SharedLimit, Answer::Refused,
     "Snakemake counts running jobs, not iterations that are open; limit the calls in the loop "
     "instead, or build for `local` or `slurm`"},
    {Capability::Refill, Answer::Refused,
     "resources have no second level; leave out `refill`, or build for `local` or `slurm`"},
    {Capability::StartRate, Answer::Refused,
     "Snakemake has one rate for everything; limit how many run at once, or build for `local` or "
     "`slurm`"},
    {Capability::Budgets, Answer::Refused,
     "a resource is given back when its job ends; limit how many run at once, or build for "
     "`local` or `slurm`"},
    {Capability::Priorities, Answer::Native, "priority of the rule"},
    {Capability::StopAfter, Answer::Runtime,
     "what starts later in the block ends at once, cancelled"},
    {Capability::Retries, Answer::Runtime,
     "in another round, when what else runs has ended; `retries` is 0, for it knows no causes"},
    {Capability::GrowingRetries, Answer::Runtime,
     "in another round, with the grown needs in index.json"},
    {Capability::Resume, Answer::Runtime,
     "SIGUSR1 before the slice ends; the next slice is another round's"},
    {Capability::Publish, Answer::Runtime, "a link, swapped by `wfr start`"},
    {Capability::Temp, Answer::Runtime, "removed by `wfr start` after the last reader"},
    {Capability::Cpus, Answer::Native, "threads"},
    {Capability::Memory, Answer::Native, "resources: mem_mb, in MiB; watched by the wrapper"},
    {Capability::Time, Answer::Native,
     "resources: runtime, in minutes rounded up; kept to the second by the wrapper"},
    {Capability::Gpus, Answer::Native,
     "resources: gpu and gpu_model; numbered by CUDA_VISIBLE_DEVICES"},
    {Capability::Nodes, Answer::Native, "resources: nodes; on one machine slots of the site"},
    {Capability::Ranks, Answer::Native,
     "tasks and cpus_per_task in the profile; on one machine threads, tasks times cpus"},
    {Capability::Exclusive, Answer::Refused,
     "a rule cannot ask to be alone; ask for all cpus of the machine, or build for `local` or "
     "`slurm`"},
    {Capability::Licences, Answer::Native, "a resource counted in the profile"},
    {Capability::Features, Answer::Native,
     "constraint in the profile; on one machine those that the site states"},
    {Capability::LocalDisk, Answer::Native,
     "resources: disk_mb; the wrapper looks at the room before the start"},
    {Capability::Partition, Answer::Native,
     "slurm_partition and qos in the profile; on one machine a pool of slots of the site"},
    {Capability::VaryingNeeds, Answer::Native, "resources looked up in index.json"},
    {Capability::Containers, Answer::Native,
     "entered by the wrapper with the site's container runtime"},
});

}  // namespace

const target::Table& Snakemake::table() const { return kTable; }

}  // namespace wfc::targets::snakemake
