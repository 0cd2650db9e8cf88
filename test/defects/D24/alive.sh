# alive.sh FILE…: whether the processes whose ids the files hold still live; one that was killed may take a moment.
for file in "$@"; do
  for ((n = 0; n < 100; n++)); do
    state=$(sed 's/.*) //' "/proc/$(<"$file")/stat" 2>/dev/null | cut --characters=1)
    [[ -n $state && $state != Z ]] || break
    sleep 0.1
  done
  if [[ -z $state || $state == Z ]]; then echo "$file is gone"; else echo "$file lives"; fi
done
