"""room.py WFR-GEO DIR: a disk that is too small, and a folder where nobody may write. Needs a mount of its own."""

import os
import subprocess

import numpy
from maps import geo, raster, wrong

dice = numpy.random.RandomState(3)
raster("a.tif", dice.randint(0, 2, (900, 900)).astype("uint8"))
os.mkdir("small")
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "wfr-test", "small"], check=True)
wrong("agreement", "--candidate", "a.tif", "--benchmark", "a.tif", "--output", "small/x.tif")
os.makedirs("3/1")
raster("3/1/1.tif", dice.random_sample((2, 256, 256)), corner=(-157.5, 67.5), cell=22.5 / 256, epsg=4326)
wrong("coarsen", "--output", "small/tiles", "3/1/1.tif")
print("nothing left:", os.listdir("small"), os.listdir("small/tiles"))
geo("coarsen", "--output", "tiles", "3/1/1.tif")
subprocess.run(["umount", "small"], check=True)
subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "wfr-test", "small"], check=True)
wrong("coarsen", "--output", "small/tiles", "3/1/1.tif")
wrong("agreement", "--candidate", "a.tif", "--benchmark", "a.tif", "--output", "small/x.tif")
subprocess.run(["umount", "small"], check=True)
