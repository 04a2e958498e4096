"""Where things are in the checkout."""

from __future__ import annotations

from pathlib import Path

LIBRARY = Path(__file__).resolve().parent
BENCH = LIBRARY.parent
CHECKOUT = BENCH.parent
APPS = BENCH / "apps"
LAUNCH = LIBRARY / "launch"
DARTER = CHECKOUT / "artifacts" / "darter" / "darter"
BUILD = CHECKOUT / "build"


def shorten(text: str) -> str:
    """The text with the checkout's own path left out, so that reports do not depend on where it lies."""
    return text.replace(str(CHECKOUT) + "/", "")
