"""Installs what is missing, from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List, Sequence

from .paths import BUILD, DARTER
from .servers.base import Host, Server
from .suites.suite import Suite

_POLICY = Path("/usr/sbin/policy-rc.d")


class InstallError(Exception):
    """Something is missing that cannot be installed here; the message says what to run."""


def missing_packages(suite: Suite, servers: Sequence[Server], host: Host) -> List[str]:
    """The Debian packages without which not everything that was asked for can run."""
    missing: List[str] = [] if shutil.which("wrk") else ["wrk"]
    missing += [package for program, package in suite.tools if shutil.which(program) is None]
    for module, package in zip(suite.modules, suite.packages):
        if module not in host.modules:
            missing.append(package)
    for server in servers:
        if server.packages and server.version(host) is None:
            missing += server.packages
    return missing


def install(packages: Sequence[str]) -> None:
    """Installs the packages if this process may.

    Raises InstallError with the command otherwise.
    """
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise InstallError(f"missing; install it with: sudo {' '.join(command)}")
    print(f"compare: installing {' '.join(packages)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_not_started():
        subprocess.run(["apt-get", "update", "-q"], stdout=sys.stderr, env=environment)
        if subprocess.run(command, stdout=sys.stderr, env=environment).returncode != 0:
            raise InstallError(f"this failed: {' '.join(command)}")


def build_darter(darter: Path) -> None:
    """Builds Darter in this checkout when it is not built yet."""
    if darter == DARTER and not darter.exists() and BUILD.exists():
        print("compare: building Darter", file=sys.stderr)
        if subprocess.run([str(BUILD)], stdout=sys.stderr).returncode != 0:
            raise InstallError(f"building Darter failed: {BUILD}")


@contextmanager
def _services_not_started() -> Iterator[None]:
    """Debian starts a service when it is installed, nginx on port 80 for all the network; not here.

    policy-rc.d is Debian's way to say so: exit status 101 forbids the start.
    """
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()
