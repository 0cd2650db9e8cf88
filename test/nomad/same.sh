#!/bin/bash
# same.sh PYTHON ROOT BIN DIR: DIR/project on both engines, and its open cycle; then what is left in Nomad.
set -euo pipefail
python=$1 root=$2 bin=$3 dir=$4
same() { "$python" "$root/test/same.py" "$bin" "$dir/project" --engine nomad --site site.toml "$@" || echo "exit $?"; }
same same.wf --appear gate=3 --hidden secret.txt --within quick 'racer[3]'
rm -rf "$dir/project.nomad" "$dir/project.local"
same open.wf -p start="$(date -d '-2 days' +%F)" --stop-at "night[$(date +%F)]"
# A job is dead a moment after its task has ended.
for _ in {1..50}; do
  left=$(nomad operator api '/v1/jobs?filter=Status!=%22dead%22' </dev/null | "$python" -c 'import json, sys; print(len(json.load(sys.stdin) or []))')
  ((left > 0)) || break
  sleep 0.2
done
echo "jobs left: $left"
