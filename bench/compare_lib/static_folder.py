"""The folder of files that the static suite's servers serve."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "BENCH_STATIC"
SIZES = {"small.bin": 1000, "medium.bin": 100_000, "large.bin": 1 << 30}
PREFIX = "/static"
_BLOCK = 1 << 20


def prepare() -> Path:
    """Makes the folder, once, for as long as this program runs; the files lie in ``static`` in it."""
    present = os.environ.get(VARIABLE)
    if present:
        return Path(present)
    folder = Path(tempfile.mkdtemp(prefix="bench-static-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / PREFIX[1:]).mkdir()
    for name, size in SIZES.items():
        with (folder / PREFIX[1:] / name).open("wb") as file:
            # Not compressible, and no holes: the same block over and over is both to a file system.
            block = os.urandom(min(size, _BLOCK))
            for _ in range(0, size, len(block)):
                file.write(block)
    # What is asked for until the server answers.
    (folder / "index.html").write_text("ready\n")
    # nginx's workers run as somebody else when it is started by root.
    folder.chmod(0o755)
    os.environ[VARIABLE] = str(folder)
    return folder
