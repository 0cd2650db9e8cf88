# Others wait for the one that dies, and say so when they are cut off.
if [[ $RANK == 3 ]]; then
  sleep 1
  echo "torch.cuda.OutOfMemoryError: CUDA out of memory."
  exit 1
fi
exec sleep 100
