"""The server's executable: where it is, and how it is started from Python."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

_FOLDER = os.path.dirname(os.path.abspath(__file__))

#: Where the executable looks for the interpreter that it was started by: before all others but one that is named, or after
#: those that belong to a project.
FIRST, LAST = "first", "last"


def find() -> str:
    """Path of the executable: in the package when it is installed, else where ``./build`` of the checkout puts it."""
    installed = os.path.join(_FOLDER, "bin", "darter")
    built = os.path.join(os.path.dirname(os.path.dirname(_FOLDER)), "artifacts", "darter", "darter")
    for path in (installed, built):
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError("Darter's executable is missing: there is neither {} nor {}".format(installed, built))


def environment(rank: str) -> Dict[str, str]:
    """The environment for it, by which it knows this interpreter."""
    if in_virtual_environment():
        rank = FIRST
    return dict(os.environ, _DARTER_INTERPRETER="{} {}".format(rank, sys.executable))


def in_virtual_environment() -> bool:
    return sys.prefix != sys.base_prefix


def execute(rank: str) -> None:
    """Becomes the executable, with the arguments of this process: signals and process ids are then those of the server."""
    try:
        path = find()
    except FileNotFoundError as error:
        sys.exit("darter: {}".format(error))
    os.execve(path, [path, *sys.argv[1:]], environment(rank))
