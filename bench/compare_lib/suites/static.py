"""Files: small, medium and large ones."""

from __future__ import annotations

from ..model import Workload
from ..servers.files import DarterFiles, DarterStatic, GunicornFiles, NginxFiles, PythonFiles, UwsgiFiles
from ..static_folder import PREFIX, SIZES
from .suite import Suite

STATIC = Suite(
    name="static",
    description="servers of files",
    servers=(DarterFiles(), DarterStatic(), NginxFiles(), UwsgiFiles(), GunicornFiles(), PythonFiles()),
    workloads=(
        Workload("small", "a file of 1 kB", "static_files", f"{PREFIX}/small.bin", is_file=True),
        Workload("medium", "a file of 100 kB", "static_files", f"{PREFIX}/medium.bin", is_file=True),
        Workload(
            "large", "a file of 1 GiB, one download at a time", "static_files", f"{PREFIX}/large.bin",
            download_size=SIZES["large.bin"], is_file=True,
        ),
    ),
    packages=(),
    modules=(),
    workers=(1,),
    connections=(8, 64),
    seconds=3,
    quick_workers=1,
    quick_connections=64,
    quick_seconds=2,
    keep_alive="on",
)
