"""Development: tells the front which files the application has imported, so that it knows what to watch."""

from __future__ import annotations

import os
import sys
import sysconfig
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, List, Optional, Set

#: Seconds between two looks for modules that were imported later, by a request for example.
PAUSE = 1.0


class Sources:
    """Writes the paths to a pipe, a line each."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor
        self._known: Set[str] = set()
        paths = sysconfig.get_paths()
        # Of the interpreter, which nobody edits; site-packages, which lies below, counts.
        self._library = tuple({os.path.join(paths[name], "") for name in ("stdlib", "platstdlib")})
        self._own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")

    def follow(self) -> None:
        """Reports what is there, and from now on what comes, on a thread that does not keep the process alive."""
        self.report()
        threading.Thread(target=self._run, name="darter-sources", daemon=True).start()

    def report(self, error: Optional[BaseException] = None) -> None:
        """Reports what has been imported since the last time, and the files in which a failed import ended."""
        files = [file for file in (*self._imported(), *_files_of(error), *_environment_files()) if file not in self._known]
        if not files:
            return
        self._known.update(files)
        lines = "".join(file + "\n" for file in dict.fromkeys(files) if "\n" not in file)
        try:
            _write(self._descriptor, lines.encode("utf-8", "surrogateescape"))
        except OSError:
            # The front is gone; so will this process be.
            pass

    def _run(self) -> None:
        count = len(sys.modules)
        pause = threading.Event()
        while not pause.wait(PAUSE):
            if len(sys.modules) != count:
                count = len(sys.modules)
                self.report()

    def _imported(self) -> Iterator[str]:
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and file.endswith(".py"):
                file = os.path.abspath(file)
                if not self._is_interpreters(file) and not file.startswith(self._own):
                    yield file

    def _is_interpreters(self, file: str) -> bool:
        return file.startswith(self._library) and "site-packages" not in file and "dist-packages" not in file


def _files_of(error: Optional[BaseException]) -> Iterator[str]:
    while error is not None:
        if isinstance(error, SyntaxError) and error.filename and os.path.isfile(error.filename):
            yield os.path.abspath(error.filename)
        trace = error.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if os.path.isfile(file):
                yield os.path.abspath(file)
            trace = trace.tb_next
        error = error.__cause__ or error.__context__


def _environment_files() -> List[str]:
    """Those that were read may lie above the folders that are watched."""
    dev = sys.modules.get("darter._dev")
    return [] if dev is None else dev.files  # type: ignore[no-any-return]


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
