"""Free ports, and connections that ended but still hold theirs (TIME_WAIT)."""

from __future__ import annotations

import random
import socket
import time
from pathlib import Path
from typing import Tuple

_FIRST_PORT = 10_000


def free_port() -> int:
    """A free loopback port below the range clients get theirs from, so that none can take it meanwhile.

    Each server start gets another one: connections of the run before in TIME_WAIT are then no obstacle.
    """
    last = _ephemeral_range()[0] - 1
    for _ in range(1000):
        port = random.randint(_FIRST_PORT, max(last, _FIRST_PORT + 1000))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port on 127.0.0.1")


def wait_for_client_ports(patience: float = 70.0) -> None:
    """Where the kernel does not reuse ports in TIME_WAIT, waits until at least half of them are free again.

    Linux reuses them on loopback by default (net.ipv4.tcp_tw_reuse is 2): then there is nothing to wait for.
    """
    if Path("/proc/sys/net/ipv4/tcp_tw_reuse").read_text().strip() != "0":
        return
    low, high = _ephemeral_range()
    deadline = time.monotonic() + patience
    while _time_wait_count() > (high - low) // 2 and time.monotonic() < deadline:
        time.sleep(0.5)


def _ephemeral_range() -> Tuple[int, int]:
    low, high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    return int(low), int(high)


def _time_wait_count() -> int:
    for line in Path("/proc/net/sockstat").read_text().splitlines():
        if line.startswith("TCP:"):
            words = line.split()
            return int(words[words.index("tw") + 1])
    return 0
