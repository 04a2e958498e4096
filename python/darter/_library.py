"""libdarter.so as Python sees it."""

from __future__ import annotations

import ctypes
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Tuple

INTERFACES = {"wsgi": 1, "asgi": 2, "tornado": 3}

#: Levels of lines in the log.
INFORMATION = 1
WARNING = 2
ERROR = 3

#: What serving returns when the front has ended it in order.
DRAINED = 0


class Library:
    def __init__(self, path: str) -> None:
        # PyDLL: the functions run with the GIL held, and a Python error they set is raised.
        library = ctypes.PyDLL(path)
        self._open = library.darter_open
        self._open.restype = ctypes.c_void_p
        self._open.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_bool]
        self._ready = library.darter_ready
        self._ready.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_char_p, ctypes.c_ssize_t]
        self._failed = library.darter_failed
        self._failed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ssize_t]
        self._serve_wsgi = library.darter_serve_wsgi
        self._serve_wsgi.restype = ctypes.c_ssize_t
        self._serve_wsgi.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.py_object]
        self._serve_asgi = library.darter_serve_asgi
        self._serve_asgi.restype = ctypes.py_object
        self._serve_asgi.argtypes = [ctypes.c_void_p, ctypes.py_object, ctypes.py_object]
        self._log = library.darter_log
        self._log.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_char_p, ctypes.c_ssize_t]
        self._close = library.darter_close
        self._close.argtypes = [ctypes.c_void_p]
        self._stop = library.darter_stop
        self._stop.restype = None
        self._stop.argtypes = [ctypes.c_void_p]
        self._abandon = library.darter_abandon
        self._abandon.restype = None
        self._abandon.argtypes = [ctypes.c_void_p]

    def open(self, socket: int, page: int, token: bytes, name: str, is_main: bool) -> Channel:
        return Channel(self, self._open(socket, page, token, name.encode(), is_main), socket)


class Channel:
    def __init__(self, library: Library, handle: int, socket: int) -> None:
        self._library = library
        self._handle = handle
        self.socket = socket

    def ready(self, interface: str) -> None:
        version = "{} {}.{}.{}".format(sys.implementation.name, *sys.version_info[:3]).encode()
        self._library._ready(self._handle, INTERFACES[interface], version, len(version))

    def failed(self, reason: str) -> None:
        text = reason.encode("utf-8", "replace")
        self._library._failed(self._handle, text, len(text))

    def serve_wsgi(self, application: Any, settings: Any) -> int:
        """Serves until the channel ends; says why it did."""
        return int(self._library._serve_wsgi(self._handle, application, settings))

    def serve_asgi(self, application: Any, settings: Any) -> Tuple[Callable[[], None], Callable[[], None], Callable[[], None]]:
        """Returns what the event loop is to call when the channel can be read and written to, and what stops serving."""
        return self._library._serve_asgi(self._handle, application, settings)  # type: ignore[no-any-return]

    def log(self, level: int, text: str) -> None:
        """Writes a line for the operator's log."""
        line = text.encode("utf-8", "replace")
        self._library._log(self._handle, level, line, len(line))

    def close(self) -> None:
        """Sends what is pending and closes the socket."""
        self._library._close(self._handle)

    def stop(self) -> None:
        """Has the thread that serves end after its request."""
        self._library._stop(self._handle)

    def abandon(self) -> None:
        """To be called in a forked child."""
        self._library._abandon(self._handle)
