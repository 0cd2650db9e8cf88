"""whole.py WFR-GEO DIR: an output is whole or not there, whenever the process is killed; two at one place do not hinder each other."""

import collections
import glob
import os
import re
import shutil
import subprocess

import numpy
from maps import HERE, WFR_GEO, geo, polygons, raster, read

WRITES = "openat,mkdir,write,pwrite64,ftruncate,rename,unlink,unlinkat,rmdir,flock"
dice = numpy.random.RandomState(11)
POINTS = 14


def traced(words, *inject):
    done = subprocess.run(["strace", "-f", "-qq", "-o", "strace.log", "-e", f"trace={WRITES}", "-e", "signal=none", *inject, WFR_GEO, *words],
                          capture_output=True, check=False)
    with open("strace.log", encoding="utf-8", errors="replace") as file:
        # Libraries are opened first.
        return done.returncode, collections.Counter(re.findall(r"^\d+ +(\w+)\((?!.*\.so)", file.read(), re.MULTILINE))


def files(folder):
    """What is there, and the folders aside."""
    found = {os.path.relpath(path, folder): read(path) for path in glob.glob(f"{folder}/**", recursive=True) if os.path.isfile(path)}
    return found, glob.glob(f"{folder}/.wfr-geo-*")


def kills(name, words):
    os.mkdir("out")
    _, calls = traced(words)
    whole, _ = files("out")
    every = [(call, number) for call, count in sorted(calls.items()) for number in range(1, count + 1)]
    killed = lost = aside = 0
    for call, number in [every[n * (len(every) - 1) // (POINTS - 1)] for n in range(POINTS)]:
        shutil.rmtree("out")
        os.mkdir("out")
        status, _ = traced(words, "-e", f"inject={call}:signal=KILL:when={number}")
        found, left = files("out")
        killed += status in (-9, 137)
        aside += len(left)
        lost += any(whole.get(path) != text for path, text in found.items())
        geo(*words)
        lost += files("out") != (whole, [])
    shutil.rmtree("out")
    print(f"{name}: {len(whole)} files, lost or half there: {lost}, enough killed: {killed > POINTS // 2}, left aside once: {aside > 0}")


def together():
    words = ["agreement", "--candidate", "a.tif", "--benchmark", "b.tif", "--threads", "1", "--output"]
    os.mkdir("both")
    both = [subprocess.Popen([WFR_GEO, *words, f"both/{n}.tif"], stderr=subprocess.DEVNULL) for n in range(4)]
    print("at once:", [process.wait() for process in both], len(files("both")[0]), files("both")[1])


raster("a.tif", dice.randint(0, 2, (900, 900)).astype("uint8"), options=["COMPRESS=LZW"])
raster("b.tif", dice.randint(0, 2, (900, 900)).astype("uint8"))
os.makedirs("5/3")
side = 180 / 32
for y in range(3):
    corners = numpy.array([-180 + 3 * side, 90 - (y + 1) * side]) + dice.random_sample((50, 3, 2)) * side
    polygons("shape.json", corners.tolist(), epsg=4326)
    subprocess.run(["ogr2ogr", f"5/3/{y}.gpkg", "shape.json"], check=True)
kills("agreement", ["agreement", "--candidate", "a.tif", "--benchmark", "b.tif", "--output", "out/map.tif", "--metrics", "out/table.csv"])
kills("rasterize", ["rasterize", "--size", "32", "--output", "out", "--result", "out/result.json", *sorted(glob.glob("5/3/*.gpkg"))])
together()
