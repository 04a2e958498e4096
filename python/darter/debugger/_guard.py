"""Who may use the console, which runs any code: whoever knows the PIN, on this machine, by a page of this server."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable, Optional, Tuple

    from darter.debugger._request import Request

#: Where what the page asks is answered.
PREFIX = "/__darter__/debugger/"

#: Wrong PINs after which no other is taken until the process ends.
MOST_WRONG = 10
#: Seconds to wait after the first wrong PIN; each further one doubles them, up to the longest.
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
#: How long a browser that has given the PIN need not give it again, in seconds.
COOKIE_AGE = 7 * 24 * 3600

#: What a PIN is worth against guessing from a cookie: 10^9 of them, each at this price.
_ROUNDS = 100_000


class Guard:
    """``pin`` is None if nobody may use the console. ``hosts`` are names of this server beside those of the loopback."""

    def __init__(
        self,
        pin: Optional[str],
        hosts: Iterable[str] = (),
        loopback_only: bool = True,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
    ) -> None:
        self._pin = None if pin is None else _digits(pin)
        self._hosts = {_name_of(host) for host in hosts if host}
        self._loopback_only = loopback_only
        self._clock = clock
        self._today = today
        self._lock = threading.Lock()
        self._wrong = 0
        self._not_before = 0.0
        self._derived: Optional[bytes] = None
        #: Known to the pages of this process alone: no other site can have them ask anything.
        self.secret = secrets.token_urlsafe(18)

    @property
    def has_console(self) -> bool:
        return self._pin is not None

    def may_read(self, request: Request) -> bool:
        """Whether the request may be shown sources and variables.

        A page of another site may have its name resolve to this machine (DNS rebinding) and then read all that is answered under
        that name. It can do so with a name only, not with an address.
        """
        name = _name_of(request.host)
        return not name or self._is_own(name) or _is_address(name)

    def why_not(self, request: Request) -> Optional[str]:
        """Why the console is not to be used by this request, whoever made it; None if it may be."""
        if self._pin is None:
            return "The console is switched off."
        if not self._is_own(_name_of(request.host)):
            return "The console answers under names of this machine only, not as “{}”.".format(request.host[:200])
        if self._loopback_only and not _is_loopback(request.client):
            return "The console answers clients on this machine only."
        return None

    def has_origin(self, request: Request) -> bool:
        """Whether a page of this server asks."""
        scheme, separator, host = request.header("origin").partition("://")
        site = request.header("sec-fetch-site")
        return bool(scheme and separator) and host.lower() == request.host.lower() and site in ("", "same-origin")

    def has_secret(self, secret: object) -> bool:
        return isinstance(secret, str) and hmac.compare_digest(secret.encode("utf-8", "replace"), self.secret.encode())

    def try_pin(self, pin: object) -> Tuple[str, float]:
        """What becomes of a PIN, and seconds to wait before the next: ``right``, ``wrong``, ``wait`` or ``locked``.

        One that comes too early is not looked at, so nothing is learned from it; and no thread is kept waiting.
        """
        with self._lock:
            if self._wrong >= MOST_WRONG:
                return "locked", 0.0
            wait = self._not_before - self._clock()
            if wait > 0:
                return "wait", wait
            given = _digits(pin) if isinstance(pin, str) else ""
            if self._pin is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self._pin.encode()):
                self._wrong = 0
                return "right", 0.0
            self._wrong += 1
            if self._wrong >= MOST_WRONG:
                return "locked", 0.0
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self._wrong - 1))
            self._not_before = self._clock() + wait
            return "wrong", wait

    def new_cookie(self, request: Request, path: str) -> str:
        """The value of Set-Cookie for a browser that has given the PIN. It holds for the next process with the same PIN, too."""
        now = str(int(self._today()))
        text = "{}={}.{}; Max-Age={}; Path={}; HttpOnly; SameSite=Strict".format(self._cookie_name(), now, self._sign(now), COOKIE_AGE, path)
        return text + "; Secure" if request.scheme == "https" else text

    def has_cookie(self, request: Request) -> bool:
        if self._pin is None:
            return False
        name = self._cookie_name()
        for other, value in request.cookies:
            made, _, signature = value.partition(".")
            if other != name or not re.match(r"[0-9]{1,12}\Z", made):
                continue
            if hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(made).encode()):
                return -60 <= self._today() - int(made) < COOKIE_AGE
        return False

    def _is_own(self, name: str) -> bool:
        return name in ("localhost", "127.0.0.1", "::1") or name.endswith(".localhost") or name in self._hosts

    def _key(self) -> bytes:
        if self._derived is None:
            self._derived = hashlib.pbkdf2_hmac("sha256", (self._pin or "").encode(), b"darter debugger", _ROUNDS)
        return self._derived

    def _cookie_name(self) -> str:
        # Browsers send a cookie to all ports of a host: servers with other PINs have others.
        return "darter_debugger_" + hmac.new(self._key(), b"name", "sha256").hexdigest()[:8]

    def _sign(self, made: str) -> str:
        return hmac.new(self._key(), b"since " + made.encode(), "sha256").hexdigest()


def _digits(pin: str) -> str:
    return re.sub(r"[\s-]", "", pin)


def _name_of(host: str) -> str:
    """The name or address of a Host field or a host's name, without its port."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    if host.count(":") > 1:
        return host
    return host.partition(":")[0].rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(client: Optional[str]) -> bool:
    try:
        address = ipaddress.ip_address((client or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
