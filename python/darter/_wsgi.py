"""The parts of the WSGI gateway that are Python objects to the application; all else is in libdarter.so."""

from __future__ import annotations

import io
import os
import stat

from darter._output import errors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Iterable, Iterator, Optional, Tuple, Type


class ClientDisconnected(ConnectionError):
    """The client went away while its request was read or answered."""


class ErrorStream:
    """``wsgi.errors``: the error log if it has a file, else whatever ``sys.stderr`` is when something is written."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        stream = errors()
        return len(text) if stream is None else stream.write(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        stream = errors()
        if stream is not None:
            stream.flush()


class FileWrapper:
    """``wsgi.file_wrapper``: a file to be sent. Returned as it is, its bytes do not pass through Python."""

    def __init__(self, filelike: Any, blksize: int = 8192) -> None:
        self.filelike = filelike
        self.blksize = blksize

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self.filelike.read(self.blksize)
        if block:
            return block  # type: ignore[no-any-return]
        raise StopIteration

    def close(self) -> None:
        close = getattr(self.filelike, "close", None)
        if close is not None:
            close()

    def region(self) -> Optional[Tuple[int, int, int]]:
        """Descriptor, offset and length of what is left of the file; None if it must be read instead.

        Only for what is known to give its file's own bytes: the descriptor of a ``gzip.GzipFile``, say, leads to the
        compressed ones.
        """
        file = self.filelike
        if type(file).__module__ == "tempfile" and type(file).__name__ == "_TemporaryFileWrapper":
            file = file.file
        raw = getattr(file, "raw", file)
        if type(raw) is not io.FileIO or type(file) not in (io.FileIO, io.BufferedReader, io.BufferedRandom):
            return None
        try:
            if type(file) is io.BufferedRandom:
                file.flush()
            descriptor = file.fileno()
            status = os.fstat(descriptor)
            offset = file.tell()
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return descriptor, offset, max(0, status.st_size - offset)


class Settings:
    """What the library reads when it begins to serve."""

    errors = ErrorStream()
    file_wrapper = FileWrapper
    client_disconnected = ClientDisconnected

    def __init__(self, multithread: bool, multiprocess: bool) -> None:
        self.multithread = multithread
        self.multiprocess = multiprocess

    @staticmethod
    def report(
        environ: Optional[dict[str, Any]],
        kind: Type[BaseException],
        error: BaseException,
        trace: Optional[TracebackType],
    ) -> None:
        """Writes the traceback of an exception that left the application."""
        import traceback

        request = ""
        if environ:
            request = " in {} {}".format(environ.get("REQUEST_METHOD", "?"), environ.get("RAW_URI", "?"))
        lines = traceback.format_exception(kind, error, trace)
        stream = (environ or {}).get("wsgi.errors") or Settings.errors
        stream.write("darter: exception{}\n{}".format(request, "".join(lines)))
        stream.flush()
