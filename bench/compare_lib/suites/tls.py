"""Requests over TLS, and the handshakes before them."""

from __future__ import annotations

from ..model import Workload
from ..servers.tls import DarterTls, DarterTlsApplication, NginxTls
from .suite import Suite

TLS = Suite(
    name="tls",
    description="servers that speak TLS 1.3",
    servers=(DarterTls(), DarterTlsApplication(), NginxTls()),
    workloads=(
        Workload("h1", "an answer of 13 bytes, HTTP/1.1 over TLS", "wsgi", "/", protocol="h1"),
        Workload("h2", "an answer of 13 bytes, HTTP/2 over TLS, 10 streams on each connection", "wsgi", "/", protocol="h2"),
        Workload("full", "a full handshake and a request", "wsgi", "/", protocol="h1", handshake="full"),
        Workload("resumed", "a resumed handshake and a request", "wsgi", "/", protocol="h1", handshake="resumed"),
    ),
    packages=(),
    modules=(),
    tools=(("h2load", "nghttp2-client"), ("openssl", "openssl")),
    workers=(1,),
    connections=(8, 64),
    seconds=3,
    quick_workers=1,
    quick_connections=64,
    quick_seconds=2,
    keep_alive="on",
)
