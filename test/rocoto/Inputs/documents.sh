# documents.sh WFC ROOT DIR: the documents of Aurora, of test/slurm/Inputs/same, and of every flow of test/conformance, but those that are
# refused.
set -euo pipefail
wfc=$1 root=$2 dir=$3
build() { "$wfc" build "$1" -t rocoto -s "$2" -o "$dir/$3" "${@:4}" >"$dir.log" 2>&1 || grep -q 'WF0501' "$dir.log" || { cat "$dir.log" && exit 1; }; }
build "$root/examples/aurora/aurora.wf" "$root/examples/aurora/sites/ursa.toml" aurora
build "$root/test/slurm/Inputs/same/same.wf" "$root/examples/aurora/sites/ursa.toml" same
for flow in "$root"/test/conformance/Inputs/*.wf; do
  name=$(basename "$flow" .wf) words=()
  [[ $name != b ]] || continue
  if grep -q '^// partition: where' "$flow"; then words=(-p where=u1-h100); fi
  build "$flow" "$root/test/conformance/sites/slurm.toml" "$name" "${words[@]}"
done
