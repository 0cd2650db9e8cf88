// What SLURM can carry: dependencies, arrays and requeueing by itself, the rest by steps.
// Facts: 22.05, as an unprivileged user.
#include "targets/slurm/slurm.h"

namespace wfc::targets::slurm {

using target::Answer;
using target::Capability;

namespace {

constexpr target::Table kTable({
#include "compiler/target/wrapper.def"
    {Capability::NodeLocal, Answer::Runtime,
     "on the site's `local_disk`; the pool's controller sends readers to the node, and has lost "
     "ones made again"},
    {Capability::Pools, Answer::Runtime,
     "one job holds the nodes; a controller in it hands the work to a worker on each node; what "
     "ends the job counts for its `retry`"},
    {Capability::RayClusters, Answer::Runtime,
     "the pool's controller starts the head on its own node and a worker on each other, and ends "
     "them"},
    {Capability::StaticGraph, Answer::Native,
     "--dependency=afterok of jobs submitted held and released last"},
    {Capability::AfterEnded, Answer::Native, "--dependency=afterany"},
    {Capability::OkOfFamily, Answer::Native,
     "--dependency=afterany, and the body reads what was ok"},
    {Capability::Quorum, Answer::Native,
     "--dependency=afterany, and the body counts before it works"},
    {Capability::FirstOf, Answer::Runtime,
     "the step after the n-th end submits; seen as a job that appears late"},
    {Capability::IfMade, Answer::Native, "--dependency=afterany, and the body reads what was made"},
    {Capability::RunTimeGuards, Answer::Runtime,
     "a step reads the value and submits, or records skipped"},
    {Capability::Hooks, Answer::Runtime,
     "the end job runs those of the flow, a step submits the others"},
    {Capability::StaticFamilies, Answer::Native,
     "one array, in chunks under the site's array limit"},
    {Capability::SameIndexEdges, Answer::Native,
     "--dependency=aftercorr where both arrays have the same indices"},
    {Capability::OffsetEdges, Answer::Native,
     "scontrol update of the dependency of each index of the held array"},
    {Capability::PrefixEdges, Answer::Native,
     "scontrol update of the dependency of each index of the held array"},
    {Capability::GroupEdges, Answer::Native,
     "scontrol update of the dependency of each index of the held array"},
    {Capability::RunTimeSets, Answer::Runtime, "a step reads the set and submits an array"},
    {Capability::FilesAtStart, Answer::Native,
     "`wfr start` reads the pattern and submits an array"},
    {Capability::Repeat, Answer::Runtime, "a step reads the value and submits the next round"},
    {Capability::Cycles, Answer::Native, "an array over the windows"},
    {Capability::OpenCycles, Answer::Runtime,
     "the sweep job submits each cycle at its instant; missed ones are caught up"},
    {Capability::WaitForFile, Answer::Runtime, "the sweep job looks for it every few minutes"},
    {Capability::WaitForTime, Answer::Runtime, "the sweep job, to the minute"},
    {Capability::WaitForAny, Answer::Runtime,
     "the sweep job looks at all of them every few minutes"},
    {Capability::Deadlines, Answer::Runtime, "the sweep job cancels what is late"},
    {Capability::FamilyLimit, Answer::Native, "--array=…%n; changeable while it runs"},
    {Capability::SharedLimit, Answer::Runtime, "steps submit as places become free"},
    {Capability::Refill, Answer::Runtime, "steps submit once it has drained"},
    {Capability::StartRate, Answer::Runtime, "steps and the sweep job bound releases, not starts"},
    {Capability::Budgets, Answer::Runtime, "steps submit as room becomes free"},
    {Capability::Priorities, Answer::Native,
     "--nice for the low ones; the rest is the order of release"},
    {Capability::StopAfter, Answer::Runtime, "a step cancels own pending ids"},
    {Capability::Retries, Answer::Native, "the body requeues its own id; dependents stay pending"},
    {Capability::GrowingRetries, Answer::Native,
     "the body holds its own id in the queue, updates it and releases it"},
    {Capability::Resume, Answer::Native, "--signal=B:USR1, then the body requeues its own id"},
    {Capability::Publish, Answer::Native, "a link, swapped at the end of the body"},
    {Capability::Temp, Answer::Native, "removed by the step after the last reader"},
    {Capability::Cpus, Answer::Native, "--cpus-per-task"},
    {Capability::Memory, Answer::Native, "--mem, a node"},
    {Capability::Time, Answer::Native, "--time, the site's margin added"},
    {Capability::Gpus, Answer::Native,
     "--gres=gpu:MODEL:N or --gpus-per-node, a node, as the site says"},
    {Capability::Nodes, Answer::Native, "--nodes"},
    {Capability::Ranks, Answer::Native, "--ntasks"},
    {Capability::Exclusive, Answer::Native, "--exclusive"},
    {Capability::Licences, Answer::Native, "--licenses"},
    {Capability::Features, Answer::Native, "--constraint"},
    {Capability::LocalDisk, Answer::Native, "--tmp"},
    {Capability::Partition, Answer::Native, "--partition, --qos, --account"},
    {Capability::VaryingNeeds, Answer::Native,
     "options of sbatch instead of lines in the script, one submission for each value"},
    {Capability::Containers, Answer::Native,
     "entered by the wrapper with the site's container runtime"},
});

}  // namespace

const target::Table& Slurm::table() const { return kTable; }

}  // namespace wfc::targets::slurm
