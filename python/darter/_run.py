"""``darter.run()``: the server for programs that start it themselves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

from darter._executable import FIRST, environment, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

    Option = Union[str, int, float, bool, None, Sequence[Union[str, int]], Mapping[str, str]]

#: What a process that waits for the server passes on to it.
FORWARDED = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGTTIN,
    signal.SIGTTOU,
)

#: Options of ``darter dev`` that ``darter run`` does not have.
DEVELOPMENT = frozenset(
    ("reload", "reload_dir", "reload_include", "reload_exclude", "live_reload", "debugger", "debugger_pin", "open", "quiet")
)


def run(app: Any = ".", **options: Option) -> None:
    """Serves an application until the server is stopped, by Ctrl-C for example; then returns.

    *app* is named as for ``darter run``: ``"module:attr"``, ``"module:factory()"``, ``"path/to/app.py"``. The workers are
    processes of their own that import it, so an application object does only if this finds its name in the module that
    calls.

    *options* are those of the command line, with underscores: ``darter.run("shop:app", bind=[":8000", "unix:/run/shop"],
    workers=2, env={"STAGE": "test"})``. ``None`` leaves one out. The workers run this interpreter unless *python* names
    another; modules are found where this program finds its own.

    With ``reload=True`` the server is that of ``darter dev``, which has further options: ``live_reload=False``,
    ``debugger=False``, ``reload_include=["*.yaml"]`` and so on.

    Raises SystemExit with the server's status if it fails: 1 for a mistake in the options, 3 if the application does not load.
    """
    if "darter._worker" in sys.modules:
        raise RuntimeError(
            "darter.run() was called while a worker imports the application: put the call under if __name__ == '__main__':"
        )
    caller = sys._getframe(1).f_globals
    command, options = _command(options)
    name = app if isinstance(app, str) else _name_of(app, caller)
    status = _Server([find(), command, name, *_arguments(_with_path(options))]).wait()
    if status != 0:
        raise SystemExit(status if status > 0 else 128 - status)


class _Server:
    """The executable as a child of this process."""

    def __init__(self, arguments: List[str]) -> None:
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._early: List[int] = []
        self._handlers: Dict[int, Any] = {}
        # Only the main thread may handle signals; elsewhere they are the program's own business.
        if threading.current_thread() is threading.main_thread():
            for number in FORWARDED:
                self._handlers[number] = signal.signal(number, self._forward)
        try:
            self._process = subprocess.Popen(arguments, env=dict(environment(FIRST), _DARTER_PARENT=str(os.getpid())))
        except BaseException:
            self._restore()
            raise
        for number in self._early:
            self._process.send_signal(number)

    def wait(self) -> int:
        assert self._process is not None
        try:
            return self._process.wait()
        finally:
            if self._process.poll() is None:
                self._process.terminate()
                self._process.wait()
            self._restore()

    def _forward(self, number: int, frame: Optional[FrameType]) -> None:
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)

    def _restore(self) -> None:
        for number, handler in self._handlers.items():
            # None: it was not set from Python, and cannot be from here.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _command(options: Dict[str, Option]) -> Tuple[str, Dict[str, Option]]:
    """Which command it is to be, and its options: those that switch off what ``darter run`` does not have are none there."""
    if options.get("reload"):
        return "dev", options
    for name in DEVELOPMENT.intersection(options):
        if options[name]:
            raise ValueError("darter.run(): {} is for development; pass reload=True as well".format(name))
    return "run", {name: value for name, value in options.items() if name not in DEVELOPMENT}


def _arguments(options: Mapping[str, Option]) -> List[str]:
    arguments: List[str] = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is None:
            continue
        if isinstance(value, bool):
            arguments.append("{}={}".format(option, "true" if value else "false"))
        elif isinstance(value, dict):
            arguments.extend("{}={}={}".format(option, key, text) for key, text in value.items())
        elif isinstance(value, (list, tuple)):
            arguments.extend("{}={}".format(option, item) for item in value)
        else:
            arguments.append("{}={}".format(option, value))
    return arguments


def _with_path(options: Dict[str, Option]) -> Dict[str, Option]:
    """Modules are looked for where this program looks first: in its script's folder."""
    folder = "" if getattr(sys.flags, "safe_path", False) or not sys.path else sys.path[0]
    if not os.path.isdir(folder) or "," in folder:
        return options
    given = options.get("pythonpath")
    folders = [] if given is None else [given] if isinstance(given, str) else [str(entry) for entry in given]  # type: ignore[union-attr]
    return dict(options, pythonpath=[os.path.abspath(folder), *folders])


def _name_of(app: Any, caller: Dict[str, Any]) -> str:
    """How a worker finds the object *app* that a module has, as its own global or another module's function."""
    for name, value in list(caller.items()):
        if value is app and not name.startswith("_"):
            return "{}:{}".format(_module_of(caller), name)
    module = getattr(app, "__module__", None)
    name = getattr(app, "__qualname__", "")
    if module in sys.modules and name and getattr(sys.modules[module], name, None) is app:
        return "{}:{}".format(_module_of(vars(sys.modules[module])), name)
    raise TypeError(
        'darter.run() cannot tell where workers find the application {!r}: pass its name instead, as "module:attr"'.format(app)
    )


def _module_of(variables: Dict[str, Any]) -> str:
    name = variables.get("__name__")
    if name != "__main__":
        return str(name)
    spec = variables.get("__spec__")
    if spec is not None:
        # python -m module
        return str(spec.name)
    file = variables.get("__file__")
    if file is None:
        raise TypeError('darter.run() needs the name of an application that a file has, as "module:attr"')
    return os.path.abspath(file)
