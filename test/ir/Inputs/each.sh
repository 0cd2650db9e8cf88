# each.sh VERB DIR: the name and output of wfc-ir for every file of a folder; one that is accepted is a failure.
for file in "$2"/*; do
  echo "== $(basename "$file")"
  if wfc-ir "$1" "$file"; then
    echo "ACCEPTED"
    failed=1
  fi
done
exit ${failed:-0}
