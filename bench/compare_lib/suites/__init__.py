"""The suites of comparisons: ``bench/compare SUITE``. A new one is a module here and a row in ``ALL``."""

from __future__ import annotations

from typing import Dict

from .asgi import ASGI
from .cache import CACHE
from .proxy import PROXY
from .static import STATIC
from .suite import Suite
from .tail import TAIL
from .tls import TLS
from .tornado import TORNADO
from .wsgi import WSGI

ALL: Dict[str, Suite] = {suite.name: suite for suite in (WSGI, ASGI, TORNADO, TAIL, STATIC, CACHE, PROXY, TLS)}
