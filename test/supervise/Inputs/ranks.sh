# One line a case, its exit status, then what was said.
wfr=$1
export CUDA_VISIBLE_DEVICES=
# try NAME WORDS…
try() {
  local name=$1 status=0
  shift
  "$wfr" supervise "$@" >said 2>&1 || status=$?
  echo "$name: $status"
}
# gone MARK: nobody has it on the command line.
gone() {
  local n
  for ((n = 0; n < 100; n++)); do
    pgrep -f "$1" >/dev/null || break
    sleep 0.1
  done
  pgrep -f "$1" || echo "nothing is left of it"
}
mark=$((RANDOM * 32768 + RANDOM + 100000))

CUDA_VISIBLE_DEVICES=0,1,2 try told -- sh -c 'echo "$RANK of $WORLD_SIZE, here $LOCAL_RANK of $LOCAL_WORLD_SIZE, node $NODE_RANK, sees $CUDA_VISIBLE_DEVICES by $MASTER_ADDR"; test "$MASTER_PORT" -gt 0'
sort said
CUDA_VISIBLE_DEVICES=4,5,6,7 try own --ranks 2 --own-gpu -- sh -c 'echo "$CUDA_VISIBLE_DEVICES"'
sort said

try 'one of three' --ranks 3 -- sh -c "test \$RANK = 1 || sleep $mark; echo 'ValueError: what it died of'; exit 3"
grep ^wfr said
gone "sleep $mark"
# All end at once; the lower ones only say that another went.
try 'cause and noise' --ranks 4 -- sh -c 'if [ $RANK = 2 ]; then echo "KeyError: the cause"; exit 7; else echo "RuntimeError: Connection closed by peer"; exit 1; fi'
grep ^wfr said
try killed --ranks 2 -- sh -c 'test $RANK = 1 && exec sleep 60; kill -KILL $$'
grep ^wfr said

# Who leads is killed: its ranks go, and what they started.
"$wfr" supervise --ranks 2 -- sh -c "sleep $mark & wait" >said 2>&1 &
lead=$!
for ((n = 0; n < 100; n++)); do
  [ "$(pgrep -c -f "^sleep $mark")" = 2 ] && break
  sleep 0.1
done
# The shell would say so at a moment of its own.
exec 3>&2 2>/dev/null
kill -KILL $lead
wait $lead
echo "killed leader: $?"
exec 2>&3 3>&-
gone "sleep $mark"

status=0
"$wfr" supervise --json -- sh -c 'echo "terminate called after throwing an instance of"; echo "std::bad_alloc"; exit 1' >said.json 2>/dev/null || status=$?
echo "memory: $status"
python3 -c 'import json; said = json.load(open("said.json")); print(said["cause"] + ": " + said["why"])'
try 'not a number' -- sh -c 'echo "epoch 1 loss: nan"; echo "epoch 1 loss: 0.25"; for n in 2 3 4 5; do echo "epoch $n val_loss=NaN"; sleep 0.05; done; sleep 60'
grep ^wfr said
try 'not a number at last' -- echo 'loss: nan'
grep ^wfr said
try 'not a number, allowed' --nan 0 -- echo 'loss: nan'
try 'no loss at all' -- echo 'lossless nanometres: nan, banana loss'
try hung --heartbeat 1s -- sleep 60
grep ^wfr said
try silent --silence 1s -- sh -c 'while :; do :; done'
grep ^wfr said
try slow --heartbeat 3s -- python3 -c 'import time; t = time.process_time(); exec("while time.process_time() < t + 5: pass"); raise SystemExit(5)'
grep ^wfr said | grep --only-matching '.*computes' | head -1

"$wfr" supervise -- sh -c 'trap "echo TERM came; exit 1" TERM; echo ready; while :; do sleep 0.1; done' >said 2>&1 &
lead=$!
until grep --quiet ready said; do sleep 0.1; done
kill -TERM $lead
wait $lead
echo "ended: $?"
grep came said

try 'wrong flag' --rank 3 -- true
cat said
try 'no command' --ranks 3
cat said
try 'wrong time' --heartbeat soon -- true
cat said
try 'no program' -- ./none
cat said
