#!/usr/bin/env python3
"""Uses the recipes that were made for a tarball.

    recipes.py conda RECIPE OUT           builds it by rattler-build, which runs its tests in an environment of its own; no channel is asked
    recipes.py spack PACKAGE.PY TARBALL OUT
                                          there is no Spack in any registry: a stand-in for the names of its API that the recipe uses,
                                          each with the arguments that Spack's takes, does what it says with the tarball
"""

import hashlib
import importlib.util
import inspect
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path


def conda(recipe, out):
    import rattler_build  # pylint: disable=import-outside-toplevel,import-error

    tools = rattler_build.ToolConfiguration(test_strategy="native")
    for made in rattler_build.Stage0Recipe.from_file(recipe).run_build(tool_config=tools, output_dir=Path(out), channels=[],
                                                                           package_format="conda:-7"):
        print("conda:", made.name, made.version, Path(made.packages[0]).name)


class Prefix(str):
    """Spack's: an attribute is a folder below."""

    def __getattr__(self, name):
        return Prefix(os.path.join(self, name))


class Environment:
    def __init__(self):
        self.said = []

    def set(self, name, value):
        self.said.append(("set", name, str(value)))

    def prepend_path(self, name, path):
        self.said.append(("prepend", name, str(path)))


def program(path):
    def run(*words, output=None):
        assert output is str.split or output is str
        return subprocess.run([path, *words], capture_output=True, text=True, check=True).stdout
    return run


def stand_in(said):
    """The module `spack.package`; what a recipe tells lands in `said`."""
    module = types.ModuleType("spack.package")

    def version(ver, checksum=None, *, sha256=None, url=None, preferred=None, deprecated=None):
        said["version"] = (ver, sha256, url)

    def depends_on(spec, when=None, type=("build", "link"), patches=None):  # pylint: disable=redefined-builtin
        said.setdefault("depends_on", []).append((spec, type))

    def conflicts(conflict_spec, when=None, msg=None):
        said.setdefault("conflicts", []).append(conflict_spec)

    def requires(*requirement_specs, policy="one_of", when=None, msg=None):
        said["requires"] = requirement_specs

    def license(license_identifier, checked_by=None, when=None):  # pylint: disable=redefined-builtin
        said["license"] = license_identifier

    def install_tree(src, dest, symlinks=True, ignore=None):
        shutil.copytree(src, dest, symlinks=symlinks, dirs_exist_ok=True)

    class Package:
        def __init__(self, prefix):
            self.prefix = prefix

    for each in (version, depends_on, conflicts, requires, license, install_tree, Package):
        setattr(module, each.__name__, each)
    module.which = program
    module.join_path = os.path.join
    return module


def spack(recipe, tarball, out):
    said = {}
    sys.modules["spack"], sys.modules["spack.package"] = types.ModuleType("spack"), stand_in(said)
    spec = importlib.util.spec_from_file_location("package", recipe)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    number, sha256, url = said["version"]
    assert hashlib.sha256(Path(tarball).read_bytes()).hexdigest() == sha256, "another tarball"
    assert url == f"file://{tarball}" and inspect.getdoc(module.Wfc)
    (Path(out) / "stage").mkdir(parents=True)
    subprocess.run(["tar", "-C", Path(out) / "stage", "-xzf", tarball], check=True)
    prefix = Prefix(str(Path(out) / "prefix"))
    package, environment = module.Wfc(prefix), Environment()
    os.chdir(next((Path(out) / "stage").iterdir()))  # where Spack runs `install`
    package.install(None, prefix)
    package.setup_run_environment(environment)
    package.test_version()
    print("spack: wfc", number, said["license"], said["depends_on"], said["requires"], sorted(os.listdir(prefix.bin)))
    print("spack:", *[f"{how} {name} {path.replace(prefix, 'PREFIX')}" for how, name, path in environment.said])


if __name__ == "__main__":
    {"conda": conda, "spack": spack}[sys.argv[1]](*sys.argv[2:])
