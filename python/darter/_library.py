"""libdarter.so as Python sees it."""

from __future__ import annotations

import ctypes
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INTERFACES = {"wsgi": 1}

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
        self._stop = library.darter_stop
        self._stop.restype = None
        self._stop.argtypes = [ctypes.c_void_p]
        self._abandon = library.darter_abandon
        self._abandon.restype = None
        self._abandon.argtypes = [ctypes.c_void_p]

    def open(self, socket: int, page: int, token: bytes, name: str, is_main: bool) -> Channel:
        return Channel(self, self._open(socket, page, token, name.encode(), is_main))


class Channel:
    def __init__(self, library: Library, handle: int) -> None:
        self._library = library
        self._handle = handle

    def ready(self, interface: str) -> None:
        version = "{} {}.{}.{}".format(sys.implementation.name, *sys.version_info[:3]).encode()
        self._library._ready(self._handle, INTERFACES[interface], version, len(version))

    def failed(self, reason: str) -> None:
        text = reason.encode("utf-8", "replace")
        self._library._failed(self._handle, text, len(text))

    def serve_wsgi(self, application: Any, settings: Any) -> int:
        """Serves until the channel ends; says why it did."""
        return int(self._library._serve_wsgi(self._handle, application, settings))

    def stop(self) -> None:
        """Has the thread that serves end after its request."""
        self._library._stop(self._handle)

    def abandon(self) -> None:
        """To be called in a forked child."""
        self._library._abandon(self._handle)
