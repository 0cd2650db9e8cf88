"""Speaks PMI-2 with whoever started it, as MPI_Init does."""
import os

line = int(os.environ["PMI_FD"])


def ask(words):
    os.write(line, words)
    answer = b""
    while b"rc=0" not in answer:
        answer += os.read(line, 1000)
    return answer.decode()


def say(words):
    return ask(b"%6d%s" % (len(words), words))


ask(b"cmd=init pmi_version=2 pmi_subversion=0\n")
answer = say(f"cmd=fullinit;pmijobid={os.environ['PMI_JOBID']};pmirank={os.environ['PMI_RANK']};threaded=FALSE;".encode())
told = dict(pair.split("=") for pair in answer.split(";") if "=" in pair)
say(b"cmd=finalize;")
print(f"MPI calls rank {os.environ['RANK']} rank {told['rank']} of {told['size']}", flush=True)
