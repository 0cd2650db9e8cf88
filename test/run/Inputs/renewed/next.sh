# A value for each call; with `once` only the first call is answered.
n=$(($(cat "$1" 2>/dev/null || echo 0) + 1))
echo "$n" >"$1"
[ -z "$2" ] || [ "$n" = 1 ] || exit 1
echo "secret-of-mine-$n"
