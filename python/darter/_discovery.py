"""Finds the application in a folder in which nobody has named one, for ``darter dev``.

In this order: a Django project, a file with one of the usual names, a Django project one folder below, a package, one
other file. A file is imported only if its source has an application; see ``_source``.
"""

from __future__ import annotations

import os

from darter._source import MAYBE, SURE, Source
from darter.target import ATTRIBUTES, FACTORIES, TargetError, load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

#: Looked for in the folder, the first that has an application wins: as Flask, FastAPI and ``darter run`` do.
FILES = ("app.py", "wsgi.py", "main.py", "asgi.py", "api.py", "__init__.py")
#: The same in a package, whose other files are imported after this one anyway.
PACKAGE_FILES = ("__init__.py", "app.py", "wsgi.py", "main.py", "asgi.py", "api.py")
#: Files and folders that have other purposes.
OTHER_FILES = ("conftest.py", "fabfile.py", "manage.py", "noxfile.py", "setup.py", "tasks.py")
OTHER_FOLDERS = frozenset("build dist docs doc env examples migrations node_modules scripts static templates test tests venv".split())


def load_from(folder: str, interface: str, sought: str = "") -> Any:
    """Imports the application of the folder. *sought* is what was looked for before, for the error."""
    return load(Search(folder, sought).run(), interface)


class Search:
    """Looks for the application of a folder, and remembers where."""

    def __init__(self, folder: str, sought: str = "") -> None:
        self._folder = os.path.abspath(folder)
        self._sought = [sought] if sought else []
        self._maybe: List[str] = []

    def run(self) -> str:
        """The target that names it: the path of a file, or of a Django project's folder."""
        steps: List[Callable[[], Optional[str]]] = [self._django, self._files, self._django_below, self._packages, self._other_files]
        for step in steps:
            found = step()
            if found is not None:
                return found
        if self._maybe:
            return self._maybe[0]
        raise TargetError(
            "There is no application in {}. Looked for\n  {}".format(self._folder, "\n  ".join(self._sought))
        )

    def _django(self) -> Optional[str]:
        return self._folder if os.path.isfile(os.path.join(self._folder, "manage.py")) else None

    def _django_below(self) -> Optional[str]:
        found = [folder for folder in self._folders(self._folder) if os.path.isfile(os.path.join(folder, "manage.py"))]
        if len(found) == 1:
            return found[0]
        if found:
            self._fail_for_many("Django project", found)
        self._sought.append("a Django project: there is no manage.py here, nor in a folder below")
        return None

    def _files(self) -> Optional[str]:
        missing: List[str] = []
        for name in FILES:
            path = os.path.join(self._folder, name)
            if not os.path.isfile(path):
                missing.append(name)
            elif self._has_one(path):
                return path
        if missing:
            self._sought.append("{}: not there".format(", ".join(missing)))
        return None

    def _packages(self) -> Optional[str]:
        """An application in a package, here or in ``src``; a folder ``app`` needs no ``__init__.py`` to be one."""
        found: List[str] = []
        places = [self._folder, os.path.join(self._folder, "src")]
        candidates = [os.path.join(places[1], name) for name in FILES if name != "__init__.py"]
        found.extend(path for path in candidates if os.path.isfile(path) and self._has_one(path))
        looked: List[str] = []
        for package in [folder for place in places for folder in self._folders(place)]:
            if os.path.basename(package) != "app" and not os.path.isfile(os.path.join(package, "__init__.py")):
                continue
            looked.append(self._relative(package) + os.sep)
            paths = [os.path.join(package, name) for name in PACKAGE_FILES]
            found.extend([path for path in paths if os.path.isfile(path) and self._has_one(path, is_listed=False)][:1])
        if len(found) == 1:
            return found[0]
        if found:
            self._fail_for_many("package with an application", found)
        self._sought.append("packages: {}".format("none of {} has one".format(", ".join(looked)) if looked else "there are none here, nor in src"))
        return None

    def _other_files(self) -> Optional[str]:
        found: List[str] = []
        for name in sorted(self._entries(self._folder)):
            if not name.endswith(".py") or name in FILES or name in OTHER_FILES or name.startswith("test_"):
                continue
            source = Source(os.path.join(self._folder, name))
            if source.makes_one:
                found.append(source.path)
        if len(found) == 1:
            return found[0]
        if found:
            self._fail_for_many("file with an application", found)
        self._sought.append("another file that makes an application of Flask, FastAPI or the like: there is none")
        return None

    def _has_one(self, path: str, is_listed: bool = True) -> bool:
        source = Source(path)
        if source.verdict == MAYBE:
            self._maybe.append(path)
        elif source.verdict != SURE and (is_listed or source.remark):
            names = "{}, {}".format(", ".join(ATTRIBUTES), ", ".join(name + "()" for name in FACTORIES))
            self._sought.append("{}: {}".format(self._relative(path), source.remark or "has none of " + names))
        return source.verdict == SURE

    def _fail_for_many(self, what: str, found: List[str]) -> None:
        names = [self._relative(path) for path in found]
        raise TargetError("There is more than one {} in {}: {}.".format(what, self._folder, " and ".join(names)))

    def _folders(self, place: str) -> List[str]:
        paths = [os.path.join(place, name) for name in sorted(self._entries(place)) if name.isidentifier() and name not in OTHER_FOLDERS]
        return [path for path in paths if os.path.isdir(path) and not os.path.isfile(os.path.join(path, "pyvenv.cfg"))]

    @staticmethod
    def _entries(place: str) -> List[str]:
        try:
            return os.listdir(place)
        except OSError:
            return []

    def _relative(self, path: str) -> str:
        return os.path.relpath(path, self._folder)
