"""Hosts Tornado applications: what an HTTP server of Tornado does for them, on top of the gateway for event loops.

An application of Tornado is an ``HTTPServerConnectionDelegate``: it is given each request by calls, and answers through
an ``HTTPConnection``. Both are interfaces of ``tornado.httputil``, and here is the other side of them.
"""

from __future__ import annotations

from darter._library import WARNING
from darter._tornado.host import Host
from darter._tornado.process import adopt_loop, take_part
from darter.target import TargetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Dict, Optional, Tuple

    from darter._library import Channel


def host(application: Any, config: Dict[str, Any], channel: Channel, is_preloaded: bool) -> Tuple[Host, Optional[asyncio.AbstractEventLoop]]:
    """The application as one of ASGI, and the event loop on which it counts, if it does."""
    if config.get("lifespan") == "on":
        raise TargetError("--lifespan on: this is an application of Tornado, and lifespan is ASGI's.")
    if config.get("rootPath"):
        channel.log(WARNING, "--root-path is of no use to an application of Tornado: it sees the path as it came")
    loop = adopt_loop()
    if loop is not None and is_preloaded:
        channel.log(WARNING, "what the application has scheduled on an event loop while it was preloaded is never run")
        loop = None
    take_part(config.get("number", 1) - 1)
    hosted = Host(application)
    for ignored in hosted.settings.ignored if hosted.settings is not None else ():
        channel.log(WARNING, "of the arguments of the HTTPServer this does not count here: {}".format(ignored))
    return hosted, loop
