// The table of options, and how a name finds its row.
#include "targets/slurm/foreign/options.h"

#include <algorithm>

#include "compiler/base/suggest.h"

namespace wfc::targets::slurm::foreign {

using llvm::StringRef;

namespace {

constexpr StringRef kMailTypes =
    " NONE BEGIN END FAIL REQUEUE ALL INVALID_DEPEND STAGE_OUT TIME_LIMIT TIME_LIMIT_90 "
    "TIME_LIMIT_80 TIME_LIMIT_50 ARRAY_TASKS ";

constexpr Option kOptions[] = {
    {"account", 'A'},
    {"acctg-freq"},
    {"array", 'a', Form::Array},
    {"batch"},
    {"bb"},
    {"bbf"},
    {"begin", 'b'},
    {"chdir", 'D'},
    {"cluster"},
    {"cluster-constraint"},
    {"clusters", 'M'},
    {"comment"},
    {"constraint", 'C'},
    {"consolidate-segments", 0, Form::None, false, true},
    {"container"},
    {"container-id", 0, Form::Text, false, true},
    {"contiguous", 0, Form::None},
    {"core-spec", 'S', Form::Number},
    {"cores-per-socket", 0, Form::Count},
    {"cpu-freq"},
    {"cpus-per-gpu", 0, Form::Count},
    {"cpus-per-task", 'c', Form::Count},
    {"deadline"},
    {"delay-boot", 0, Form::Time},
    {"dependency", 'd', Form::Dependency},
    {"distribution", 'm'},
    {"error", 'e', Form::Pattern},
    {"exclude", 'x'},
    {"exclusive", 0, Form::Words, true, false, " user mcs topo "},
    {"export"},
    {"export-file"},
    {"extra", 0, Form::Text, false, true},
    {"extra-node-info", 'B'},
    {"get-user-env", 0, Form::Text, true},
    {"gid"},
    {"gpu-bind"},
    {"gpu-freq"},
    {"gpus", 'G', Form::Gpus},
    {"gpus-per-node", 0, Form::Gpus},
    {"gpus-per-socket", 0, Form::Gpus},
    {"gpus-per-task", 0, Form::Gpus},
    {"gres", 0, Form::Gres},
    {"gres-flags", 0, Form::WordList, false, false,
     " disable-binding enforce-binding allow-task-sharing multiple-tasks-per-sharing "
     "one-task-per-sharing "},
    {"help", 'h', Form::None},
    {"hint", 0, Form::WordList, false, false,
     " compute_bound memory_bound multithread nomultithread help "},
    {"hold", 'H', Form::None},
    {"ignore-pbs", 0, Form::None},
    {"input", 'i', Form::Pattern},
    {"job-name", 'J'},
    {"kill-on-invalid-dep", 0, Form::Words, false, false, " yes no "},
    {"licenses", 'L'},
    {"mail-type", 0, Form::WordList, false, false, kMailTypes},
    {"mail-user"},
    {"mcs-label"},
    {"mem", 0, Form::Memory},
    {"mem-bind"},
    {"mem-per-cpu", 0, Form::Memory},
    {"mem-per-gpu", 0, Form::Memory},
    {"mincpus", 0, Form::Count},
    {"network"},
    {"nice", 0, Form::Text, true},
    {"no-kill", 'k', Form::Words, true, false, " off set "},
    {"no-requeue", 0, Form::None},
    {"nodefile", 'F'},
    {"nodelist", 'w'},
    {"nodes", 'N', Form::Nodes},
    {"ntasks", 'n', Form::Count},
    {"ntasks-per-core", 0, Form::Count},
    {"ntasks-per-gpu", 0, Form::Count},
    {"ntasks-per-node", 0, Form::Count},
    {"ntasks-per-socket", 0, Form::Count},
    {"oom-kill-step", 0, Form::Text, true, true},
    {"open-mode", 0, Form::Words, false, false, " append truncate a t ap app tr trunc "},
    {"output", 'o', Form::Pattern},
    {"overcommit", 'O', Form::None},
    {"oversubscribe", 's', Form::None},
    {"parsable", 0, Form::None},
    {"partition", 'p'},
    {"power"},
    {"prefer"},
    {"priority"},
    {"profile"},
    {"propagate", 0, Form::Text, true},
    {"qos", 'q'},
    {"quiet", 'Q', Form::None},
    {"reboot", 0, Form::None},
    {"requeue", 0, Form::None},
    {"reservation"},
    {"resv-ports", 0, Form::Text, true, true},
    {"segment", 0, Form::Count, false, true},
    {"signal", 0, Form::Signal},
    {"sockets-per-node", 0, Form::Count},
    {"spread-job", 0, Form::None},
    {"spread-segments", 0, Form::None, false, true},
    {"stepmgr", 0, Form::None, false, true},
    {"switches"},
    {"tasks-per-node", 0, Form::Count},
    {"test-only", 0, Form::None},
    {"thread-spec", 0, Form::Count},
    {"threads-per-core", 0, Form::Count},
    {"time", 't', Form::Time},
    {"time-min", 0, Form::Time},
    {"tmp", 0, Form::Memory},
    {"tres-bind", 0, Form::Text, false, true},
    {"tres-per-task", 0, Form::Text, false, true},
    {"uid"},
    {"usage", 0, Form::None},
    {"use-min-nodes", 0, Form::None},
    {"verbose", 'v', Form::None},
    {"version", 'V', Form::None},
    {"wait", 'W', Form::None},
    {"wait-all-nodes", 0, Form::Words, false, false, " 0 1 "},
    {"wckey"},
    {"wrap"},
};

// What people write because another program, another scheduler or an older SLURM has it.
constexpr StringRef kGone = "this SLURM no longer has it", kSrun = "it is an option of srun",
                    kOther = "no SLURM has it";
constexpr Stranger kStrangers[] = {
    {"share", kGone, "oversubscribe"},
    {"workdir", kGone, "chdir"},
    {"checkpoint", kGone, ""},
    {"checkpoint-dir", kGone, ""},
    {"immediate", "it is an option of srun and salloc", ""},
    {"restart-dir", kGone, ""},
    {"label", kSrun, ""},
    {"pty", kSrun, ""},
    {"cpu-bind", kSrun, ""},
    {"cpu_bind", kSrun, ""},
    {"mem_bind", kSrun, "mem-bind"},
    {"mpi", kSrun, ""},
    {"multi-prog", kSrun, ""},
    {"exact", kSrun, ""},
    {"overlap", kSrun, ""},
    {"unbuffered", kSrun, ""},
    {"kill-on-bad-exit", kSrun, ""},
    {"bcast", kSrun, ""},
    {"accel-bind", kSrun, ""},
    {"walltime", kOther, "time"},
    {"queue", kOther, "partition"},
    {"memory", kOther, "mem"},
    {"mem-per-node", kOther, "mem"},
    {"name", kOther, "job-name"},
    {"jobname", kOther, "job-name"},
    {"project", kOther, "account"},
    {"cpus-per-node", kOther, "mincpus"},
    {"cores", kOther, "cpus-per-task"},
    {"ncpus", kOther, "cpus-per-task"},
    {"email", kOther, "mail-user"},
    {"cwd", kOther, "chdir"},
    {"features", kOther, "constraint"},
    {"license", kOther, "licenses"},
    {"licences", kOther, "licenses"},
    {"exclude-nodes", kOther, "exclude"},
    {"begin-time", kOther, "begin"},
};

/// Options that plugins of a site bring along.
constexpr StringRef kPlugins =
    " image volume module entrypoint clearenv container-image container-mounts container-workdir "
    "container-name container-save container-mount-home no-container-mount-home "
    "container-remap-root "
    "no-container-remap-root container-entrypoint container-env container-writable "
    "container-readonly x11 auks perf mps private-tmp uenv view edf ";

}  // namespace

bool isOfPlugin(StringRef name) { return kPlugins.contains(" " + name.str() + " "); }

llvm::ArrayRef<Option> options() { return kOptions; }

Named optionNamed(StringRef name) {
  Named found;
  for (const Option& option : kOptions) {
    if (option.name == name) return {&option, {}};
    // An abbreviation that a newer option would make ambiguous still works where that is missing.
    if (!name.empty() && option.name.starts_with(name) && !option.isNewer)
      found.several.push_back(option.name);
  }
  if (found.several.size() != 1) return found;
  return optionNamed(found.several.front());
}

const Option* optionOf(char letter) {
  for (const Option& option : kOptions)
    if (option.letter == letter && letter != 0) return &option;
  return nullptr;
}

std::string nearestOption(StringRef name) {
  std::string plain = name.lower();
  std::replace(plain.begin(), plain.end(), '_', '-');
  std::vector<std::string_view> names;
  for (const Option& option : kOptions) {
    if (option.name == plain) return plain;
    names.push_back(option.name);
  }
  return std::string(base::suggest(plain, names).value_or(""));
}

const Stranger* strangerNamed(StringRef name) {
  for (const Stranger& stranger : kStrangers)
    if (stranger.name == name) return &stranger;
  return nullptr;
}

}  // namespace wfc::targets::slurm::foreign
