"""cluster.py begin VALUES | add VALUES N: joins the cluster of RAY_ADDRESS."""

import json
import os
import sys
import time

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy


@ray.remote
class Sum:
    def __init__(self):
        self.sum = 0

    def add(self, n):
        self.sum += n
        return self.sum


@ray.remote
def where():
    return ray.get_runtime_context().get_node_id()


def begin():
    # The workers join when they have started.
    expected, end = int(os.environ.get("EXPECTED_NODES", "1")), time.monotonic() + 200
    while sum(node["Alive"] for node in ray.nodes()) < expected and time.monotonic() < end:
        time.sleep(0.2)
    Sum.options(name="sum", lifetime="detached").remote()
    ray.get_actor("sum")
    # Each runs something.
    alive = [NodeAffinitySchedulingStrategy(node["NodeID"], soft=False) for node in ray.nodes() if node["Alive"]]
    return {"nodes": len({*ray.get([where.options(scheduling_strategy=node).remote() for node in alive])})}


ray.init(os.environ["RAY_ADDRESS"], namespace="test", log_to_driver=False, logging_level="error")


def add():
    actor = ray.get_actor("sum")
    return {"sum": ray.get(actor.add.remote(int(sys.argv[3])))}


VALUES = begin() if sys.argv[1] == "begin" else add()
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(VALUES, file)
