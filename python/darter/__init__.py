"""Darter, the web server for Python."""

from darter._wsgi import ClientDisconnected, FileWrapper

__version__ = "0.1.0"

__all__ = ["ClientDisconnected", "FileWrapper", "__version__"]
