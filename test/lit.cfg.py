# The test suite: text in, text out, through the binaries a user runs.
#
# Tests lie in test/ and targets/*/test/, two suites that share this file (cmake/tests.cmake). A feature is present or the tests that REQUIRE it are reported as skipped.
import os
import resource
import shutil
import subprocess
import sys

# lit hands the format to other processes by the name of its module.
sys.path.insert(0, os.path.join(config.wfc_src_root, "test"))
import twice  # noqa: E402

config.name = config.wfc_suite
config.suffixes = [".test", ".wf", ".wfir"]
config.excludes = ["Inputs"]
# Real engines share a small machine here: what fails is tried once more, and the summary shows what the first try said.
config.test_format = twice.Twice(int(lit_config.params.get("tries", 2)))
config.test_source_root = os.path.join(config.wfc_src_root, config.wfc_suite)
config.test_exec_root = config.wfc_exec_root

path = [config.wfc_bin_dir, config.llvm_tools_dir, config.environment.get("PATH", "")]
config.environment["PATH"] = os.pathsep.join(path)
# Outputs must not depend on these, and tests must not depend on the caller's.
config.environment.update({"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1"})
# A user may ask for colours; a misspelt check prefix must not pass.
config.environment.pop("NO_COLOR", None)
config.environment["FILECHECK_OPTS"] = "--dump-input=fail --allow-unused-prefixes=false"
if config.sanitized:
    config.environment["ASAN_OPTIONS"] = "detect_leaks=0:abort_on_error=1:allow_user_poisoning=0"
    config.environment["UBSAN_OPTIONS"] = "print_stacktrace=1"
    # Frames are ten times as large.
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 28, resource.getrlimit(resource.RLIMIT_STACK)[1]))

wfc = os.path.join(config.wfc_bin_dir, "wfc")
wfr = os.path.join(config.wfc_bin_dir, "wfr")
# Longer names first: lit replaces in order.
config.substitutions += [
    # The same whether shellcheck is installed or not; its own test calls %bin/wfc.
    ("%wfc check", wfc + " check --shellcheck=never"),
    ("%wfc", wfc),
    ("%wfr", wfr),
    ("%catalog", os.path.join(config.wfc_bin_dir, "wfc-catalog")),
    ("%python", config.python),
    ("%root", config.wfc_src_root),
    ("%bin", config.wfc_bin_dir),
    ("%build", config.wfc_obj_root),
]

if os.path.exists(wfc):
    config.available_features.add("wfc")
if os.path.exists(wfr):
    config.available_features.add("wfr")
# Rocoto is in no package registry: its tests use the one that is there.
rocoto = os.path.join(os.environ.get("ROCOTO_HOME", ""), "bin", "rocotorun")
if not os.access(rocoto, os.X_OK):
    rocoto = shutil.which("rocotorun")
if rocoto:
    config.available_features.add("rocoto")
    config.environment["ROCOTO_HOME"] = os.path.dirname(os.path.dirname(os.path.realpath(rocoto)))
# Its grammar, where somebody has it; without it the documents are checked by our own rules alone.
schema = os.path.join(config.wfc_src_root, "..", "shared", "schemas", "rocoto")
if os.path.exists(schema):
    config.available_features.add("rocoto-schema")
    config.environment["ROCOTO_SCHEMA"] = os.path.realpath(schema)
workflows = os.path.join(config.wfc_src_root, "..", "shared", "fixtures", "rocoto")
if os.path.exists(workflows):
    config.available_features.add("rocoto-workflows")
    config.environment["ROCOTO_WORKFLOWS"] = os.path.realpath(workflows)
# Real inputs with known results, where somebody has them.
fixtures = os.path.realpath(os.path.join(config.wfc_src_root, "..", "shared", "fixtures"))
if os.path.exists(fixtures):
    config.available_features.add("fixtures")
config.substitutions.append(("%fixtures", fixtures))
# wfr-geo is built where GDAL is; its tests make and read data with GDAL's own bindings, which are Debian's Python's.
osgeo = "/usr/bin/python3"
if os.path.exists(os.path.join(config.wfc_bin_dir, "wfr-geo")):
    config.available_features.add("wfr-geo")
# wfr-torch is built where libtorch and netCDF are.
if os.path.exists(os.path.join(config.wfc_bin_dir, "wfr-torch")):
    config.available_features.add("wfr-torch")
# wfr-s3 is built where libcurl is; its tests speak with a real store.
if os.path.exists(os.path.join(config.wfc_bin_dir, "wfr-s3")):
    config.available_features.add("wfr-s3")
if subprocess.run([osgeo, "-c", "import osgeo.gdal_array"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("osgeo")
config.substitutions.append(("%osgeo", osgeo))
if config.sanitized:
    config.available_features.add("sanitized")
if os.geteuid() == 0:
    config.available_features.add("root")
# Root of a container may not.
if shutil.which("unshare") and subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("mount")
for feature, programs in {
    "slurm": ["sbatch", "slurmctld", "slurmd", "munged"],
    "shellcheck": ["shellcheck"],
    "docker": ["docker"],
    "apptainer": ["apptainer"],
    "podman": ["podman", "runc", "catatonit"],
    "xmllint": ["xmllint"],
    "cron": ["crontab"],
    "snakemake": ["snakemake"],
    "clang-format": ["clang-format-19"],
    "strace": ["strace"],
    "btrfs": ["mkfs.btrfs", "unshare"],
}.items():
    # The daemons lie in sbin, which an ordinary user's PATH does not hold.
    search = config.environment["PATH"] + ":/usr/sbin:/sbin"
    # Sanitizers look at our code, and a cluster is other people's: its tests take long enough without.
    if feature == "slurm" and config.sanitized:
        continue
    # File systems in a file need a device for it.
    if feature == "btrfs" and not os.path.exists("/dev/loop-control"):
        continue
    if all(shutil.which(program, path=search) for program in programs):
        config.available_features.add(feature)
