"""Requests that are passed on to another server."""

from __future__ import annotations

from ..model import Workload
from ..servers.proxies import DarterProxy, NginxProxy, UwsgiRouter
from .suite import Suite

PROXY = Suite(
    name="proxy",
    description="proxies, before the same nginx on a Unix socket",
    servers=(DarterProxy(), NginxProxy(), UwsgiRouter()),
    workloads=(Workload("hello", "an answer of 13 bytes", "wsgi", "/"),),
    packages=(),
    modules=(),
    workers=(1,),
    connections=(8, 64),
    seconds=3,
    quick_workers=1,
    quick_connections=64,
    quick_seconds=2,
    keep_alive="on",
)
