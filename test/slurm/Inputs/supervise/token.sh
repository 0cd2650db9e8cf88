# Another value at each call.
n=$(($(cat told 2>/dev/null || echo 0) + 1))
echo $n >told
echo "word-$n"
