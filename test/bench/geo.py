"""`wfr-geo` beside rasterio and numpy doing the same: the agreement of two flood maps, and a pyramid of raster tiles.

Both read the same files and write the same kind of files. Ours uses all processors, theirs one, as people write it. Both hold no more of a
pyramid than a parent and its children, so there memory is that of the libraries.
"""

import glob
import pathlib
import shutil
import subprocess
import tempfile

SIDE, LEVEL, COUNT = 12_000, 9, 16
PEER = pathlib.Path(__file__).with_name("geo_peer.py")


def compare(bench, name, ours, peers, clear):
    """All in turn, three times: the fastest time of each, and the highest peak of memory."""
    times, peaks = {}, {}
    for _ in range(3):
        for who, commands in {"": ours, **peers}.items():
            clear()
            results = [bench.run(command()) for command in commands]
            times[who] = min(times.get(who, 1e9), sum(seconds for seconds, _ in results))
            peaks[who] = max(peaks.get(who, 0), *(peak for _, peak in results))
    for who in peers:
        ratio, share = times[""] / times[who], peaks[""] / peaks[who]
        bench.row(name, times[""], "s", ">= 4 times faster", ratio <= .25, who, ratio)
        bench.row(f"{name}, memory", peaks[""], "MiB", "a tenth", share <= .1, who, share)


def geo(bench):
    wfr_geo = bench.wfr.parent / "wfr-geo"
    if not wfr_geo.exists():
        print("skipped wfr-geo: it was built without GDAL")
        return
    python = pathlib.Path(bench.engine("rasterio")) / "python"
    with tempfile.TemporaryDirectory(dir=bench.work) as place:
        def peer(*words):
            return lambda: [python, PEER, *map(str, words)]

        def clear():
            shutil.rmtree(f"{place}/out", ignore_errors=True)
            pathlib.Path(f"{place}/out").mkdir()

        subprocess.run(peer("maps", place, SIDE)(), check=True)
        maps = [wfr_geo, "agreement", "--candidate", f"{place}/candidate.tif", "--benchmark", f"{place}/benchmark.tif", "--mask", f"{place}/mask.json"]
        compare(bench, f"wfr-geo agreement, {SIDE:,} x {SIDE:,} cells", [lambda: [*maps, "--output", f"{place}/out/map.tif", "--metrics", f"{place}/out/table.csv"]],
                {"numpy": [peer("agreement", place, f"{place}/out/map")]}, clear)
        subprocess.run(peer("tiles", place, LEVEL, COUNT)(), check=True)
        top = COUNT.bit_length() - 1

        def coarsen(level):
            below = f"{place}/{level}" if level == LEVEL else f"{place}/out/{level}"
            return lambda: [wfr_geo, "coarsen", "--output", f"{place}/out", *glob.glob(f"{below}/*/*.tif")]

        compare(bench, f"wfr-geo coarsen, {COUNT * COUNT} tiles, {top} levels", [coarsen(LEVEL - n) for n in range(top)],
                {how: [peer("pyramid", place, LEVEL, f"{place}/out", how)] for how in ("numpy", "warp")}, clear)
