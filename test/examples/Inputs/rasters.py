"""rasters.py RUN KNOWN: the run's rasters beside the known ones, tile by tile. Needs GDAL's Python."""

import glob
import sys

import numpy
from osgeo import gdal

gdal.UseExceptions()


def bands(path):
    opened = gdal.Open(path)
    return opened.ReadAsArray()


made = {"/".join(path.split("/")[-3:]): path for path in glob.glob(f"{sys.argv[1]}/files/raster/**/*.tif", recursive=True)}
known = {"/".join(path.split("/")[-3:]): path for path in glob.glob(f"{sys.argv[2]}/*/*/*.tif")}
worst = max(float(numpy.abs(bands(made[tile]) - bands(known[tile])).max()) for tile in known)
print(f"{len(known)} of {len(made)} rasters, equal to 1e-7: {worst < 1e-7}")
