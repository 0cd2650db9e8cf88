"""Dispatches on a real Nomad: a family of ours beside as many dispatches of /bin/true, which no coordinator can beat. bench.py runs it."""

import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import time

ENGINE = pathlib.Path(__file__).resolve().parents[1] / "engines/nomad"
SITE = ENGINE.parents[1] / "nomad/Inputs/site.toml"

FLOW = """task say(n: Int) -> o: file {{ needs cpus 1, memory 16MiB, time 1min  sh "echo @{{n}} > @{{o}}" }}
flow many {{ for n in 1 .. {count} {{ a = say(n) }} }}
"""
TRUE = {"ID": "true", "Name": "true", "Type": "batch", "ParameterizedJob": {"Payload": "forbidden"}, "TaskGroups": [{
    "Name": "true", "RestartPolicy": {"Attempts": 0, "Mode": "fail"}, "Tasks": [{
        "Name": "true", "Driver": "raw_exec", "Config": {"command": "/bin/true"}, "LogConfig": {"Disabled": True},
        "Resources": {"CPU": 100, "MemoryMB": 48}}]}]}


def ask(address, method, path, body=None):
    connection = http.client.HTTPConnection(address)
    connection.request(method, path, None if body is None else json.dumps(body))
    answer = connection.getresponse().read()
    connection.close()
    return json.loads(answer)


def peer(address, count):
    """Seconds until all were dispatched, and until all were dead."""
    ask(address, "POST", "/v1/jobs", {"Job": TRUE})
    start = time.perf_counter()
    for _ in range(count):
        ask(address, "POST", "/v1/job/true/dispatch", {})
    dispatched = time.perf_counter() - start
    while True:
        children = ask(address, "GET", "/v1/job/true/summary")["Children"]
        if children["Dead"] >= count:
            return dispatched, time.perf_counter() - start
        time.sleep(0.1)


def ours(bench, env, count):
    """Seconds from the first dispatch to the last, and of the whole run."""
    flow, out, run = bench.file("many.wf", FLOW.format(count=count)), bench.work / "many", bench.work / "many.run"
    subprocess.run([bench.wfc, "build", flow, "--target", "nomad", "--site", SITE, "-o", out], check=True, capture_output=True)
    start = time.perf_counter()
    subprocess.run([bench.wfr, "start", out, "--run", run, "--wait"], env=env, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    lines = b"".join(path.read_bytes() for path in (run / "ledger").glob("journal.*")).split(b"\n")
    times = sorted(int(line.split(b"\t")[2]) for line in lines if line.split(b"\t")[1:2] == [b"submit"])
    return (times[-1] - times[0]) / 1000, seconds


def nomad(bench, count=200):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="wfc-bench-nomad.", dir="/tmp"))
    programs = subprocess.run([ENGINE, "build"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    subprocess.run([ENGINE, "up", folder], check=True, stdout=subprocess.DEVNULL)
    try:
        port = (folder / "run/port").read_text().strip()
        address = f"127.0.0.1:{port}"
        env = {**os.environ, "NOMAD_ADDR": f"http://{address}", "PATH": f"{programs}:{os.environ['PATH']}"}
        dispatched, dead = peer(address, count)
        sent, seconds = ours(bench, env, count)
    finally:
        subprocess.run([ENGINE, "down", folder, "--purge"], check=True, stdout=subprocess.DEVNULL)
    bench.row(f"nomad, {count}: dispatches a second", count / max(sent, 0.001), "/s", "none stated", True, "bare dispatches",
              dispatched / max(sent, 0.001))
    bench.row(f"nomad, {count}: wall time of the run", seconds, "s", "none stated", True, "as many of /bin/true", seconds / dead)
