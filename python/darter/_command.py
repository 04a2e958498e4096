"""The command ``darter`` of an installed package."""

from __future__ import annotations

from darter._executable import LAST, execute


def main() -> None:
    """Entry point. An interpreter outside of virtual environments gives way to the project's own."""
    execute(LAST)
