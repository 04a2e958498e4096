"""Executes a Gunicorn configuration: ``gunicorn.conf.py``, another Python file, or a module.

In a process of Python, :func:`load` gives its settings and hooks. For the front, which is none, this file is a program
(``gunicorn_config.py LOCATION FOLDER``) that prints what is there as JSON. It runs in the workers' interpreter.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Dict, Optional, Tuple

#: Every setting of Gunicorn 26.1 that is not a hook. Other names are the file's own business.
SETTINGS = frozenset(
    """
    config wsgi_app bind backlog workers worker_class threads worker_connections max_requests max_requests_jitter timeout
    graceful_timeout keepalive limit_request_line limit_request_fields limit_request_field_size reload reload_engine
    reload_extra_files spew check_config print_config preload_app sendfile reuse_port chdir daemon raw_env pidfile
    worker_tmp_dir user group umask initgroups tmp_upload_dir secure_scheme_headers forwarded_allow_ips accesslog
    disable_redirect_access_to_syslog access_log_format errorlog loglevel capture_output logger_class logconfig
    logconfig_dict logconfig_json syslog_addr syslog syslog_prefix syslog_facility enable_stdio_inheritance statsd_host
    dogstatsd_tags statsd_prefix enable_backlog_metric proc_name default_proc_name pythonpath paste proxy_protocol
    proxy_allow_ips protocol uwsgi_allow_ips keyfile certfile ssl_version cert_reqs ca_certs suppress_ragged_eofs
    do_handshake_on_connect ciphers http_protocols http2_cleartext http2_max_concurrent_streams http2_initial_window_size
    http2_max_frame_size http2_max_header_list_size raw_paste_global_conf permit_obsolete_folding strip_header_spaces
    permit_unconventional_http_method permit_unconventional_http_version casefold_http_method forwarder_headers header_map
    asgi_loop asgi_lifespan asgi_disconnect_grace_period http_parser root_path dirty_apps dirty_workers dirty_timeout
    dirty_threads dirty_graceful_timeout control_socket control_socket_mode control_socket_disable
    """.split()
)

#: The hooks, and how many arguments each may take: Gunicorn passes post_request as many as it has parameters.
HOOKS: Dict[str, Tuple[int, ...]] = {
    "on_starting": (1,),
    "on_reload": (1,),
    "when_ready": (1,),
    "pre_fork": (2,),
    "post_fork": (2,),
    "post_worker_init": (1,),
    "worker_int": (1,),
    "worker_abort": (1,),
    "pre_exec": (1,),
    "pre_request": (2,),
    "post_request": (4, 3, 2),
    "child_exit": (2,),
    "worker_exit": (2,),
    "nworkers_changed": (3,),
    "on_exit": (1,),
    "ssl_context": (2,),
    "on_dirty_starting": (1,),
    "dirty_post_fork": (2,),
    "dirty_worker_init": (1,),
    "dirty_worker_exit": (2,),
}


class ConfigError(Exception):
    """The configuration cannot be used; the text is for the operator."""


def load(path_or_module: str, chdir: str) -> Dict[str, Any]:
    """Returns the settings and hooks that a file (``PATH``, ``file:PATH``) or a module (``python:NAME``) defines.

    It is executed with ``chdir`` as the current folder and first on ``sys.path``, as Gunicorn does with the folder it is
    started in. Hooks come as callables, also where they were named as ``"module.function"``.
    """
    found = {}
    namespace = execute(path_or_module, chdir)
    for name, value in namespace.items():
        if name in HOOKS:
            found[name] = hook(name, value)
        elif name in SETTINGS:
            found[name] = value
    return found


def execute(path_or_module: str, chdir: str) -> Dict[str, Any]:
    """Returns the whole namespace."""
    added = chdir not in sys.path
    if added:
        sys.path.insert(0, chdir)
    before = os.getcwd()
    os.chdir(chdir)
    try:
        if path_or_module.startswith("python:"):
            import importlib

            return vars(importlib.import_module(path_or_module[len("python:") :]))
        return _execute_file(path_or_module[len("file:") :] if path_or_module.startswith("file:") else path_or_module)
    except ConfigError:
        raise
    except SystemExit as error:
        raise ConfigError("it ends the program: SystemExit({!r}){}".format(error.code, _where(error.__traceback__)))
    except BaseException as error:
        raise ConfigError(_traceback(error))
    finally:
        os.chdir(before)
        if added and chdir in sys.path:
            # In a worker the application's folder comes first again, as with Gunicorn.
            sys.path.remove(chdir)
            sys.path.insert(1, chdir)


def hook(name: str, value: Any) -> Callable[..., Any]:
    """Returns the callable that ``value`` is or names, after a look at how many arguments it takes."""
    import inspect

    if isinstance(value, str):
        import importlib

        module, dot, attribute = value.rpartition(".")
        try:
            value = getattr(importlib.import_module(module), attribute)
        except (AttributeError, ImportError, ValueError) as error:
            raise ConfigError("{}: there is no '{}': {}".format(name, value, error))
    if not callable(value):
        raise ConfigError("{}: must be a function, not {!r}".format(name, value))
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        # Written in C, and it does not tell.
        return value  # type: ignore[no-any-return]
    for count in HOOKS[name]:
        try:
            signature.bind(*[None] * count)
            return value  # type: ignore[no-any-return]
        except TypeError:
            pass
    counts = " or ".join(map(str, sorted(HOOKS[name])))
    raise ConfigError("{}: must take {} argument{}, not {}".format(name, counts, "" if counts == "1" else "s", signature))


def _execute_file(path: str) -> Dict[str, Any]:
    import types

    path = os.path.abspath(path)
    if not os.path.isfile(path):
        raise ConfigError("there is no file '{}'".format(path))
    module = types.ModuleType("__config__")
    module.__file__ = path
    sys.modules["__config__"] = module
    if path.endswith(".pyc"):
        from importlib.machinery import SourcelessFileLoader

        code = SourcelessFileLoader("__config__", path).get_code("__config__")
    else:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)  # type: ignore[arg-type]
    return module.__dict__


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, _of_file(error.__traceback__))).rstrip()


def _of_file(trace: Optional[TracebackType]) -> Optional[TracebackType]:
    """A traceback without what leads to the file's own lines."""
    while trace is not None and (trace.tb_frame.f_code.co_filename == __file__ or "importlib" in trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _where(trace: Optional[TracebackType]) -> str:
    trace = _of_file(trace)
    return " at {}:{}".format(trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ""


class _NotPlain(Exception):
    """A value that is no number, text, truth value, list or mapping of those."""


def _plain(name: str, value: Any) -> Any:
    """Returns a setting's value as JSON can carry it."""
    import inspect

    if name in ("worker_class", "logger_class"):
        # May be a class, or a function that gives one.
        value = value() if inspect.isfunction(value) or inspect.ismethod(value) else value
        if inspect.isclass(value):
            return "{}.{}".format(value.__module__, value.__qualname__)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise _NotPlain
        return float(value)
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeError:
            raise _NotPlain
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain("", item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain("", item) for item in value]
    raise _NotPlain


def _lines(namespace: Dict[str, Any]) -> Dict[str, int]:
    """The lines at which the names of a file are set, as far as they are written at its outermost level."""
    import ast

    try:
        with open(namespace["__file__"], "rb") as file:
            tree = ast.parse(file.read())
    except (KeyError, OSError, SyntaxError, TypeError, ValueError):
        return {}
    lines = {}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            lines[node.name] = node.lineno
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                lines[part.id] = part.lineno
    return lines


def _describe(path_or_module: str, chdir: str) -> Dict[str, Any]:
    """What the front wants to know: see :func:`main`."""
    namespace = execute(path_or_module, chdir)
    lines = _lines(namespace)
    report: Dict[str, Any] = {"settings": {}, "others": {}, "hooks": [], "errors": {}, "lines": lines}
    for name, value in namespace.items():
        if name in HOOKS:
            try:
                hook(name, value)
                report["hooks"].append(name)
            except ConfigError as error:
                report["errors"][name] = str(error)[len(name) + 2 :]
        elif name in SETTINGS:
            try:
                report["settings"][name] = _plain(name, value)
            except _NotPlain:
                report["errors"][name] = "cannot be {}".format(_short(value))
            except Exception as error:
                report["errors"][name] = "{}: {}".format(type(error).__name__, error)
        elif not name.startswith("_"):
            try:
                report["others"][name] = _plain("", value)
            except (_NotPlain, RecursionError):
                pass
    report["lines"] = {name: line for name, line in lines.items() if name in namespace}
    return report


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else text[:100] + "..."


def _end_with_reader() -> None:
    """Ends this process when the one that holds the other end of its standard input does."""
    import _thread

    pipe = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def wait(read: Any = os.read, end: Any = os._exit) -> None:
        while read(pipe, 4096):
            pass
        end(1)

    # Not by the threading module: the configuration may want to replace it (gevent's monkey.patch_all).
    _thread.start_new_thread(wait, ())


def main() -> None:
    """Prints ``settings``, ``hooks`` (names), ``others`` (plain values of other names), ``errors`` by name and ``lines``
    by name; or ``error``, if it could not be executed at all.

    What the configuration prints itself, processes it starts included, goes to standard error: the file descriptor of
    standard output is kept for the answer.
    """
    answer = os.dup(1)
    os.dup2(2, 1)
    # A process that the configuration leaves behind must not keep the reader waiting.
    os.register_at_fork(after_in_child=lambda: os.close(answer))
    _end_with_reader()
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry not in ("", folder)]

    import faulthandler
    import json

    faulthandler.dump_traceback_later(float(sys.argv[3]), exit=False)
    try:
        report = _describe(sys.argv[1], sys.argv[2])
    except ConfigError as error:
        report = {"error": str(error)}
    faulthandler.cancel_dump_traceback_later()
    text = json.dumps(report, allow_nan=False).encode("ascii")
    while text:
        text = text[os.write(answer, text) :]
    sys.stdout.flush()
    # Threads that the configuration has started would keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
