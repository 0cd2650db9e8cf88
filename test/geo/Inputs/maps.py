"""Runs `wfr-geo` for the tests, and makes and reads rasters with GDAL's own bindings. Data come from fixed seeds."""

import json
import os
import subprocess
import sys

import numpy
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
WFR_GEO, HERE = sys.argv[1], sys.argv[2]
os.makedirs(HERE, exist_ok=True)
os.chdir(HERE)


def geo(*words, status=0, **options):
    """(standard output, standard error) of a `wfr-geo` that must end with `status`."""
    done = subprocess.run([WFR_GEO, *map(str, words)], capture_output=True, check=False, text=True, **options)
    if done.returncode != status:
        raise SystemExit(f"{words}: exit status {done.returncode}, not {status}\n{done.stderr}")
    return done.stdout, done.stderr


def summary(*words):
    return json.loads(geo(*words, "--json")[0])


def wrong(*words, status=1):
    """Prints how it is refused, without the folder that this test has for itself."""
    print(status, geo(*words, status=status)[1].replace(HERE + "/", ""), end="")


def raster(path, cells, corner=(0, 0), cell=30, nodata=None, epsg=5070, options=()):
    """A GeoTIFF of these cells, (rows, columns) or (bands, rows, columns)."""
    bands = numpy.atleast_3d(cells.T).T if cells.ndim == 2 else cells
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    kind = {"uint8": gdal.GDT_Byte, "float32": gdal.GDT_Float32, "float64": gdal.GDT_Float64, "int16": gdal.GDT_Int16}[str(cells.dtype)]
    made = gdal.GetDriverByName("GTiff").Create(path, bands.shape[2], bands.shape[1], bands.shape[0], kind, list(options))
    made.SetGeoTransform((corner[0], cell, 0, corner[1], 0, -cell))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    made.SetProjection(crs.ExportToWkt())
    for number, band in enumerate(bands, 1):
        made.GetRasterBand(number).WriteArray(band)
        if nodata is not None:
            made.GetRasterBand(number).SetNoDataValue(nodata)
    return path


def cells(path, band=1):
    opened = gdal.Open(path)
    return opened.GetRasterBand(band).ReadAsArray()


def polygons(path, rings, epsg=5070, **fields):
    """GeoJSON of one polygon for each ring; `fields` are lists beside them."""
    features = [{"type": "Feature", "properties": {name: values[n] for name, values in fields.items()},
                 "geometry": {"type": "Polygon", "coordinates": [[*map(list, ring), list(ring[0])]]}} for n, ring in enumerate(rings)]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "crs": crs, "features": features}, file)
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()
