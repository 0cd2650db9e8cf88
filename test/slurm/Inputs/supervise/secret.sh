# A rank reads its secret until it is another.
first=$(cat "$TOKEN_FILE")
for ((n = 0; n < 300; n++)); do
  [[ $(cat "$TOKEN_FILE") == "$first" ]] || exec echo "secret renewed for rank $RANK"
  sleep 0.1
done
