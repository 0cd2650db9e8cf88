cp "$(dirname "$flow")"/{train.py,fail.sh,speak.py,token.sh,secret.sh} .
chown "$WFC_TEST_USER" . train.py fail.sh speak.py
start --wait >out.txt || echo "exit $?"
status
for log in "$run"/logs/model/_.[12].log; do grep --text ' of 4: ' "$log" | sed 's/^\[.\] //' | sort; done
grep --text --only-matching 'MPI calls.*\|secret renewed.*' "$run"/logs/spoken/_.1.log | sort
wfr why "$run" broken | grep --only-matching 'rank 3 on.*ended, began' | sed 's/, began$//'
pgrep -u "$WFC_TEST_USER" -f "^sleep 100" || echo nothing is left
