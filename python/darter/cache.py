"""A cache that all workers of a server share: ``from darter import cache``.

    from darter import cache

    cache.set("greeting", "hello", ttl=60)
    cache.get("greeting")
    cache.incr("visits", initial=1)

The values are in the server's memory (or in Redis, with ``--cache-redis``), so that they outlive workers and reloads. They are
a cache: any of them may be gone at any time. Values are what pickle takes; bytes, text and whole numbers go as they are.
"""

from __future__ import annotations

import os
import threading
from socket import timeout as socket_timeout

from darter._cache_connection import CacheError, Connection, Refused, Unsent, command, find
from darter._cache_values import decode, encode, encode_key, expiration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, TypeVar

    from darter._cache_values import Key

    T = TypeVar("T")

# As many keys as go on one line, which has 64 KiB at most.
_MOST_KEYS = 200


class Cache:
    """The shared cache of a server, by default of this worker's.

    It may be used by any thread, each of which gets a connection of its own, and in processes forked from this one.
    *address* is ``unix:PATH`` or ``HOST:PORT``; by default the variable ``DARTER_VALUES``, which workers have, or that of this
    user's only running server. *timeout* limits each step of a call, in seconds. Calls raise CacheError, an OSError, if the
    cache cannot be reached, and ValueError for a key that cannot be one: it has 1 to 250 bytes, no spaces and no control
    characters.
    """

    def __init__(self, address: Optional[str] = None, timeout: float = 5.0) -> None:
        self._address = address
        self._timeout = timeout
        self._local = threading.local()

    def get(self, key: Key, default: Any = None) -> Any:
        """The value of a key, or *default*."""
        found = self._get(b"get", [encode_key(key)])
        for flags, data, _ in found.values():
            return decode(flags, data)
        return default

    def get_many(self, keys: Iterable[Key]) -> Dict[Key, Any]:
        """The values of those keys that have one."""
        names = {encode_key(key): key for key in keys}
        found: Dict[Key, Any] = {}
        encoded = list(names)
        for start in range(0, len(encoded), _MOST_KEYS):
            for name, (flags, data, _) in self._get(b"get", encoded[start : start + _MOST_KEYS]).items():
                found[names[name]] = decode(flags, data)
        return found

    def set(self, key: Key, value: Any, ttl: Optional[float] = None) -> bool:
        """Keeps a value for *ttl* seconds, or without end; False: it is too large, or Redis is away."""
        return self._store(b"set", key, value, ttl)

    def set_many(self, values: Mapping[Key, Any], ttl: Optional[float] = None) -> List[Key]:
        """Keeps several values; returns the keys of those that are not kept."""
        encoded = [(key, encode_key(key), encode(value)) for key, value in values.items()]
        until = expiration(ttl)
        failed: List[Key] = []
        # So many at a time that their answers find room in the sockets, else both ends would wait for each other.
        for start in range(0, len(encoded), _MOST_KEYS):
            part = encoded[start : start + _MOST_KEYS]
            request = b"".join(command((b"set", name, b"%d" % flags, until, b"%d" % len(data)), data) for _, name, (flags, data) in part)

            def answers(connection: Connection, part: Any = part, request: bytes = request) -> List[Key]:
                connection.send(request)
                return [key for key, _, _ in part if not _is_stored(connection)]

            failed.extend(self._ask(answers, repeats=True))
        return failed

    def add(self, key: Key, value: Any, ttl: Optional[float] = None) -> bool:
        """Keeps a value if the key has none; False: it has, or Redis is away."""
        return self._store(b"add", key, value, ttl, repeats=False)

    def replace(self, key: Key, value: Any, ttl: Optional[float] = None) -> bool:
        """Keeps a value if the key has one; False: it has none."""
        return self._store(b"replace", key, value, ttl)

    def gets(self, key: Key) -> Any:
        """The value of a key, and a token for ``cas()``; ``(None, None)`` if there is none."""
        for flags, data, unique in self._get(b"gets", [encode_key(key)]).values():
            return decode(flags, data), unique
        return None, None

    def cas(self, key: Key, value: Any, token: bytes, ttl: Optional[float] = None) -> bool:
        """Keeps a value if nobody has changed what ``gets()`` has given; False: somebody has."""
        return self._store(b"cas", key, value, ttl, token, repeats=False)

    def incr(self, key: Key, delta: int = 1, initial: Optional[int] = None, ttl: Optional[float] = None) -> Optional[int]:
        """Adds to a whole number, in one step, and returns it. If the key has none, it is *initial* from now on, for *ttl* seconds;
        without *initial*, None is returned. ValueError: the value is no whole number, or would have more than 64 bits.
        """
        name = encode_key(key)
        request = command((b"incr", name, b"%+d" % delta))
        while True:
            try:
                answer = self._call(request, repeats=False)
            except Refused as error:
                raise ValueError("{!r} cannot be counted: {}".format(key, error)) from error
            if answer != b"NOT_FOUND":
                return int(answer)
            if initial is None:
                return None
            if self.add(key, initial, ttl):
                return initial
            if name not in self._get(b"get", [name]):
                # Nobody else has added it, so nothing is kept at present (Redis is away).
                return None

    def decr(self, key: Key, delta: int = 1, initial: Optional[int] = None, ttl: Optional[float] = None) -> Optional[int]:
        """Takes from a whole number, in one step; as ``incr()``. The number may become negative."""
        return self.incr(key, -delta, initial, ttl)

    def delete(self, key: Key) -> bool:
        """Removes a value; False: there is none."""
        return self._call(command((b"delete", encode_key(key))), repeats=True) == b"DELETED"

    def delete_many(self, keys: Iterable[Key]) -> int:
        """Removes several values; returns how many there were."""
        names = [encode_key(key) for key in keys]
        deleted = 0
        for start in range(0, len(names), _MOST_KEYS):
            part = names[start : start + _MOST_KEYS]

            def answers(connection: Connection, part: List[bytes] = part) -> int:
                connection.send(b"".join(command((b"delete", name)) for name in part))
                return sum([connection.line() == b"DELETED" for _ in part])

            deleted += self._ask(answers, repeats=True)
        return deleted

    def touch(self, key: Key, ttl: Optional[float] = None) -> bool:
        """Keeps a value for *ttl* seconds from now on, or without end; False: there is none."""
        return self._call(command((b"touch", encode_key(key), expiration(ttl))), repeats=True) == b"TOUCHED"

    def clear(self) -> None:
        """Removes all values, of all that use this cache."""
        self._call(command((b"flush_all",)), repeats=True)

    def close(self) -> None:
        """Closes this thread's connection; the next call makes another one."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    def _get(self, verb: bytes, names: List[bytes]) -> Dict[bytes, Any]:
        request = command([verb] + names)

        def answer(connection: Connection) -> Dict[bytes, Any]:
            connection.send(request)
            return connection.values()

        return self._ask(answer, repeats=True)

    def _store(self, verb: bytes, key: Key, value: Any, ttl: Optional[float], token: Optional[bytes] = None, repeats: bool = True) -> bool:
        flags, data = encode(value)
        words = [verb, encode_key(key), b"%d" % flags, expiration(ttl), b"%d" % len(data)]
        if token is not None:
            words.append(token)
        request = command(words, data)

        def answer(connection: Connection) -> bool:
            connection.send(request)
            return _is_stored(connection)

        return self._ask(answer, repeats)

    def _call(self, request: bytes, repeats: bool) -> bytes:
        def answer(connection: Connection) -> bytes:
            connection.send(request)
            return connection.line()

        return self._ask(answer, repeats)

    def _ask(self, ask: Callable[[Connection], T], repeats: bool) -> T:
        connection = getattr(self._local, "connection", None)
        if connection is not None and connection.pid == os.getpid():
            try:
                return self._try(ask, connection)
            except Refused:
                raise
            except Unsent:
                # The server has made way for another one since.
                pass
            except CacheError as error:
                # What is done a second time must come to the same. What took too long would again.
                if not repeats or isinstance(error.__cause__, socket_timeout):
                    raise
        elif connection is not None:
            # The one of the process that this one was forked from; that goes on using it.
            self.close()
        connection = self._local.connection = Connection(self._address or find(), self._timeout)
        return self._try(ask, connection)

    def _try(self, ask: Callable[[Connection], T], connection: Connection) -> T:
        try:
            return ask(connection)
        except Refused:
            raise
        except BaseException:
            # Half an answer may be left in it, also of a call that was interrupted.
            self.close()
            raise


def _is_stored(connection: Connection) -> bool:
    try:
        return connection.line() == b"STORED"
    except Refused as error:
        if "too large" in str(error):
            return False
        raise


_shared = Cache()

get = _shared.get
get_many = _shared.get_many
set = _shared.set
set_many = _shared.set_many
add = _shared.add
replace = _shared.replace
gets = _shared.gets
cas = _shared.cas
incr = _shared.incr
decr = _shared.decr
delete = _shared.delete
delete_many = _shared.delete_many
touch = _shared.touch
clear = _shared.clear

__all__ = [
    "Cache",
    "CacheError",
    "add",
    "cas",
    "clear",
    "decr",
    "delete",
    "delete_many",
    "get",
    "get_many",
    "gets",
    "incr",
    "replace",
    "set",
    "set_many",
    "touch",
]
