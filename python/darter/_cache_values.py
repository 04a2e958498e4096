"""Keys and values of the shared cache as bytes, with the flags that pymemcache gives them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple, Union

    Key = Union[str, bytes]

#: pymemcache's flags, so that either reads what the other has written.
PICKLE, INTEGER, LONG, COMPRESSED, TEXT = 1, 2, 4, 8, 16

#: Longest key in bytes (memcached's doc/protocol.txt).
LONGEST_KEY = 250

# Python 3.8 has it, and workers of several versions may share a cache.
_PICKLE_PROTOCOL = 5

# From here on the protocol means a date.
_MOST_SECONDS = 30 * 24 * 60 * 60


def encode_key(key: Key) -> bytes:
    """A key as the protocol has it. ValueError: it cannot have it."""
    data = key.encode() if isinstance(key, str) else bytes(key)
    if not data or len(data) > LONGEST_KEY:
        raise ValueError("a key has 1 to {} bytes, this one {}: {!r}".format(LONGEST_KEY, len(data), key))
    for byte in data:
        if byte <= 32 or byte == 127:
            raise ValueError("a key has no spaces or control characters: {!r}".format(key))
    return data


def encode(value: Any) -> Tuple[int, bytes]:
    """A value as flags and bytes."""
    kind = type(value)
    if kind is bytes:
        return 0, value
    if kind is str:
        return TEXT, value.encode("utf-8", "surrogatepass")
    if kind is int:
        return INTEGER, b"%d" % value
    import pickle

    return PICKLE, pickle.dumps(value, _PICKLE_PROTOCOL)


def decode(flags: int, data: bytes) -> Any:
    """The value of flags and bytes."""
    if flags & COMPRESSED:
        import zlib

        data = zlib.decompress(data)
    if flags & PICKLE:
        import pickle

        return pickle.loads(data)
    if flags & (INTEGER | LONG):
        return int(data)
    if flags & TEXT:
        return data.decode("utf-8", "surrogatepass")
    return data


def expiration(ttl: Optional[float]) -> bytes:
    """Seconds, or None for without end, as the protocol's expiration time."""
    if ttl is None:
        return b"0"
    # Less than a second is one: nothing is to be gone before its time.
    seconds = -int(-ttl // 1)
    if seconds <= 0:
        return b"-1"
    if seconds > _MOST_SECONDS:
        import time

        seconds += int(time.time())
    return b"%d" % seconds
