"""``python -m darter``: the command ``darter``, with this interpreter for the workers."""

from __future__ import annotations

from darter._executable import FIRST, execute

if __name__ == "__main__":
    execute(FIRST)
