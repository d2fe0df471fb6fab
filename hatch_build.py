"""Builds a wheel with the engine compiled, for machines such as this: ``make wheel``.

Without ``SIMSCHED_COMPILED=1`` in the environment, a wheel has the sources alone.
"""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LINK = ("-shared", "-nostdlib", "-Wl,-Bsymbolic,-s,-z,noexecstack,--build-id=none")


class CompiledEngine(BuildHookInterface):
    """Puts a shared object of all compiled functions into a wheel.

    It refers to no more than some functions of C's mathematics, which any Python has, whatever the
    version of the C library. So the oldest platform that NumPy has wheels for will do.
    """

    def dependencies(self) -> list[str]:
        """Return what compiling needs: the package itself is imported, and Numba."""
        if not _asked_for():
            return []
        core = self.metadata.core
        return [*core.dependencies, *core.optional_dependencies["fast"]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and add the result to the files of the wheel."""
        if version == "editable" or not _asked_for():
            return
        if sys.platform != "linux":
            sys.exit("A wheel with the engine compiled can only be built on Linux.")
        sys.path.insert(0, self.root)
        from simsched.engine import machine_code

        self.folder = tempfile.TemporaryDirectory()
        library = Path(self.folder.name, machine_code.shipped_name())
        objects = []
        for kind in machine_code.FUNCTIONS:
            objects.append(Path(self.folder.name, f"{kind}.o"))
            objects[-1].write_bytes(machine_code.object_file(kind))
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, *LINK, "-o", library, *objects], check=True)  # noqa: S603
        ctypes.CDLL(str(library), mode=os.RTLD_NOW)  # fails if it refers to anything else
        place = machine_code.SHIPPED.relative_to(self.root) / library.name
        build_data["force_include"][str(library)] = place.as_posix()
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-manylinux_2_17_{platform.machine()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled."""
        del version, build_data, artifact_path
        if hasattr(self, "folder"):
            self.folder.cleanup()


def _asked_for() -> bool:
    return os.environ.get("SIMSCHED_COMPILED") == "1"
