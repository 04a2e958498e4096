"""The certificate of the servers that speak TLS: ECDSA with P-256, signed by itself, with its key in the same file."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Optional

_COMMAND = (
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
    *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
)

_file: Optional[Path] = None


def prepare() -> Path:
    """Makes it, once, for as long as this program runs; returns the file."""
    global _file
    if _file is not None:
        return _file
    folder = Path(tempfile.mkdtemp(prefix="bench-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run([*_COMMAND, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    with certificate.open("a") as both:
        both.write(key.read_text())
    _file = certificate
    return certificate
