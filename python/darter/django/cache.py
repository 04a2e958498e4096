"""A cache backend: ``CACHES = {"default": {"BACKEND": "darter.django.cache.DarterCache"}}``."""

from __future__ import annotations

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache, InvalidCacheKey  # type: ignore[import-not-found,import-untyped,unused-ignore]

from darter.cache import Cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Mapping, Optional

_MISSING = object()

# Django makes a backend for each thread and each task of an event loop; the connections are for all of them.
_clients: Dict[Any, Cache] = {}


class DarterCache(BaseCache):  # type: ignore[misc,unused-ignore]
    """The cache that all workers of a server share. LOCATION is ``unix:PATH`` or ``HOST:PORT``, by default that of this worker's server.

    ``OPTIONS = {"timeout": 5}`` limits each step of a call, in seconds. What has to go when there is no room, the server decides.
    """

    def __init__(self, location: str, params: Dict[str, Any]) -> None:
        super().__init__(params)
        options = params.get("OPTIONS", {})
        timeout = float(options.get("timeout", 5))
        self._cache = _clients.setdefault((location, timeout), Cache(location or None, timeout))

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Optional[int] = None) -> bool:
        return self._cache.add(self._key(key, version), value, self._ttl(timeout))

    def get(self, key: Any, default: Any = None, version: Optional[int] = None) -> Any:
        return self._cache.get(self._key(key, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Optional[int] = None) -> None:
        name = self._key(key, version)
        if not self._cache.set(name, value, self._ttl(timeout)):
            # As Django's own for memcached: an old value is worse than none.
            self._cache.delete(name)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Optional[int] = None) -> bool:
        return self._cache.touch(self._key(key, version), self._ttl(timeout))

    def delete(self, key: Any, version: Optional[int] = None) -> bool:
        return self._cache.delete(self._key(key, version))

    def get_many(self, keys: Iterable[Any], version: Optional[int] = None) -> Dict[Any, Any]:
        names = {self._key(key, version): key for key in keys}
        return {names[name]: value for name, value in self._cache.get_many(names).items()}

    def set_many(self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: Optional[int] = None) -> List[Any]:
        names = {self._key(key, version): key for key in data}
        failed = self._cache.set_many({name: data[key] for name, key in names.items()}, self._ttl(timeout))
        return [names[name] for name in failed]

    def delete_many(self, keys: Iterable[Any], version: Optional[int] = None) -> None:
        self._cache.delete_many([self._key(key, version) for key in keys])

    def incr(self, key: Any, delta: int = 1, version: Optional[int] = None) -> int:
        value = self._cache.incr(self._key(key, version), delta)
        if value is None:
            raise ValueError("Key '{}' not found".format(key))
        return value

    def has_key(self, key: Any, version: Optional[int] = None) -> bool:
        return self._cache.get(self._key(key, version), _MISSING) is not _MISSING

    def clear(self) -> None:
        self._cache.clear()

    def _key(self, key: Any, version: Optional[int]) -> str:
        name: str = self.make_key(key, version=version)
        size = len(name.encode())
        if size > 250 or any(character <= " " or character == "\x7f" for character in name):
            raise InvalidCacheKey("a key has at most 250 bytes, no spaces and no control characters: {!r}".format(name))
        return name

    def _ttl(self, timeout: Any) -> Optional[float]:
        if timeout is DEFAULT_TIMEOUT:
            timeout = self.default_timeout
        # Django: 0 is not to be kept, None for ever.
        return None if timeout is None else float(timeout)
