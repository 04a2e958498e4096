"""The console in a frame: code that is typed there is run with the frame's variables."""

from __future__ import annotations

import ast
import codeop
import contextlib
import threading
import traceback
import types

from darter.debugger._capture import Output, captured

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from contextvars import Context
    from typing import Any, Iterable, Optional, Tuple

FILE = "<console>"
#: CO_COROUTINE: the code awaits something.
_COROUTINE = 0x80
#: By these flags codeop tells what is unfinished from what is wrong.
_UNFINISHED: int = getattr(codeop, "PyCF_DONT_IMPLY_DEDENT", 0) | getattr(codeop, "PyCF_ALLOW_INCOMPLETE_INPUT", 0)


class Console:
    """Runs code as Python's own console does.

    Global and local variables are in one namespace of the console's own, so that functions and comprehensions see both; what is
    assigned stays there. With ``loop``, ``await`` works: that is done in the loop, whose thread must be another one.
    """

    def __init__(
        self,
        frame: types.FrameType,
        context: Context,
        surroundings: Iterable[Any] = (),
        loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> None:
        self._names = dict(frame.f_globals)
        self._names.update(frame.f_locals)
        self._context = context
        self._surroundings = [manager for manager in surroundings if hasattr(manager, "__enter__")]
        self._loop = loop
        self._lock = threading.Lock()
        self._compile = codeop.CommandCompiler()
        if loop is not None:
            self._compile.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def evaluate(self, source: str) -> Tuple[str, bool]:
        """What it prints, and whether it is the beginning of something that goes on in another line."""
        with self._lock:
            output = Output(self._names)
            try:
                code = self._code(source)
            except (SyntaxError, OverflowError, ValueError) as error:
                return "".join(traceback.format_exception_only(type(error), error)), False
            if code is None:
                return "", True
            # A copy: what the code sets is not there the next time, but two consoles may run at a time.
            self._context.copy().run(self._run, code, output)
            return output.text, False

    def _code(self, source: str) -> Optional[types.CodeType]:
        try:
            code: Optional[types.CodeType] = self._compile(source, FILE, "single")
            return code
        except SyntaxError:
            # Several statements, as they are pasted.
            if "\n" not in source.strip():
                raise
            flags = self._compile.compiler.flags & ~_UNFINISHED
            try:
                module = compile(source, FILE, "exec", flags | ast.PyCF_ONLY_AST, True)
            except SyntaxError:
                module = None
            if module is None:
                raise
            code = compile(ast.Interactive(module.body), FILE, "single", flags, True)
            return code

    def _run(self, code: types.CodeType, output: Output) -> None:
        with captured(output), contextlib.ExitStack() as stack:
            try:
                for manager in self._surroundings:
                    stack.enter_context(manager)
                function = types.FunctionType(code, self._names)
                if code.co_flags & _COROUTINE:
                    self._wait(function())
                else:
                    function()
            except BaseException as error:
                # Also SystemExit: a slip in the console is not to end the server.
                trace = error.__traceback__
                while trace is not None and trace.tb_frame.f_code is not code:
                    trace = trace.tb_next
                output.write("".join(traceback.format_exception(type(error), error, trace or error.__traceback__)))

    def _wait(self, coroutine: Any) -> None:
        import asyncio

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()
