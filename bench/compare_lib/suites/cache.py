"""Answers from a cache."""

from __future__ import annotations

from ..model import Workload
from ..servers.cached import DarterCache, NginxCache, VarnishCache
from .suite import Suite

CACHE = Suite(
    name="cache",
    description="caches of answers, each with the answer in it",
    servers=(DarterCache(), NginxCache(), VarnishCache()),
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
