"""The debugger of ``darter dev``: a page for an exception that left the application, with a console in each of its frames.

For development only. Nothing of it is imported, and nothing is served under ``/__darter__/``, unless it is asked for.
"""

from __future__ import annotations

from darter.debugger._debugger import Debugger

__all__ = ["Debugger"]
