"""Prints, as JSON, the version of each module named that can be imported: ``modules.py NAME...``."""

import importlib
import json
import sys


def version_of(name: str) -> str:
    """The version by the package's metadata, or by the attribute that bjoern and others carry; "" if unknown."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
    for holder in (name, "_" + name):
        try:
            version = getattr(importlib.import_module(holder), "version", "")
        except ImportError:
            continue
        if isinstance(version, tuple):
            return ".".join(map(str, version))
        if isinstance(version, str) and version:
            return version
    return ""


found = {"python": ".".join(map(str, sys.version_info[:3]))}
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    found[name] = version_of(name)
json.dump(found, sys.stdout)
