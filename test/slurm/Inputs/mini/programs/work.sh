#!/bin/bash
# Writes who it is and, indented, what it was given. A test puts faults beside the run: shell text named after the instance.
set -euo pipefail
inputs=() output=
while (($#)); do
  case $1 in
    --output) output=$2 ;;
    *) inputs+=("$2") ;;
  esac
  shift 2
done
fault=$WFR_RUN.faults/$WFR_INSTANCE
# shellcheck source=/dev/null
[[ ! -e $fault ]] || . "$fault"
{
  printf '%s\n' "$WFR_INSTANCE"
  for input in "${inputs[@]}"; do sed 's/^/  /' "$input"; done
} >"$output"
