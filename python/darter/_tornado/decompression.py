"""Bodies of requests that come compressed, for ``decompress_request``."""

from __future__ import annotations

import zlib

from tornado import httputil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class Decompression(httputil.HTTPMessageDelegate):
    """Gives a delegate the body as it was before gzip, in pieces that are no larger than it is told."""

    def __init__(self, delegate: httputil.HTTPMessageDelegate, piece: int, limit: Callable[[], int]) -> None:
        """*limit*: how large a body may become; a handler may change it when it has seen the head."""
        self._delegate = delegate
        self._piece = piece
        self._limit = limit
        self._size = 0
        self._has_begun = False
        self._decompressor: Any = None

    def headers_received(self, start_line: Any, headers: httputil.HTTPHeaders) -> Any:
        coding = headers.get("Content-Encoding", "")
        if coding.lower() == "gzip":
            self._decompressor = _new()
            # As with Tornado's server: for applications the body was never compressed.
            headers.add("X-Consumed-Content-Encoding", coding)
            del headers["Content-Encoding"]
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return self._delegate.data_received(chunk) if self._decompressor is None else self._decompress(chunk)

    def finish(self) -> None:
        if self._has_begun and not self._decompressor.eof:
            raise httputil.HTTPInputError("truncated gzip data")
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()

    async def _decompress(self, chunk: bytes) -> None:
        rest = chunk
        while rest:
            if self._decompressor.eof:
                # RFC 1952, section 2.2: one member may follow another.
                self._decompressor = _new()
            self._has_begun = True
            try:
                data = self._decompressor.decompress(rest, self._piece)
            except zlib.error as error:
                raise httputil.HTTPInputError("invalid gzip data: {}".format(error))
            rest = self._decompressor.unused_data if self._decompressor.eof else self._decompressor.unconsumed_tail
            if data:
                self._size += len(data)
                if self._size > self._limit():
                    raise httputil.HTTPInputError("decompressed body too large")
                waiting = self._delegate.data_received(data)
                if waiting is not None:
                    await waiting


def _new() -> Any:
    return zlib.decompressobj(16 + zlib.MAX_WBITS)
