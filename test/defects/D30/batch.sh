# batch.sh WFR: one/ and two/ are started on one Nomad beside a job of somebody else's called as the first is.
set -euo pipefail
wfr=$1
nomad job run -detach - >/dev/null 2>&1 <<'HCL'
job "pipeline-stranger" {
  type = "batch"
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["600"]
      }
      resources {
        cpu    = 20
        memory = 10
      }
    }
  }
}
HCL
beside() {
  echo "${1-}two $([[ $("$wfr" status two.run | head -1) == *ended* ]] && echo has ended || echo still runs)"
  echo "the stranger's job $(nomad job status pipeline-stranger | sed -n 's/^Status *= running$/runs/p')"
}
"$wfr" start two --run two.run >/dev/null
"$wfr" start one --run one.run --wait >/dev/null 2>&1 && echo "one: exit 0"
"$wfr" status one.run --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["instances"]), "instances")'
beside
"$wfr" purge one.run --yes >/dev/null
beside "after a purge: "
touch end
"$wfr" start two --run two.run --wait >/dev/null 2>&1 && echo "two: exit 0"
nomad job stop -purge -detach pipeline-stranger >/dev/null 2>&1
