"""Event loops: making the one that is asked for, and starting tasks on it as cheaply as the interpreter allows."""

from __future__ import annotations

import asyncio
import importlib
import sys

from darter.target import TargetError, check_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Coroutine, Deque, Tuple

#: Whether asyncio.Task takes eager_start.
HAS_EAGER_TASKS = sys.version_info >= (3, 12)


def new_event_loop(kind: str) -> asyncio.AbstractEventLoop:
    """``auto`` (uvloop if it is there), ``asyncio``, ``uvloop``, or ``module:factory``."""
    if kind == "asyncio":
        return asyncio.SelectorEventLoop()
    if kind in ("auto", "uvloop"):
        try:
            import uvloop  # type: ignore[import-not-found,import-untyped,unused-ignore]
        except ImportError:
            if kind == "auto":
                return asyncio.SelectorEventLoop()
            raise TargetError("--loop uvloop asks for the package uvloop, which cannot be imported.") from None
        return uvloop.new_event_loop()  # type: ignore[no-any-return]
    module, colon, name = kind.partition(":")
    if not colon:
        raise TargetError("--loop {} is none of auto, asyncio, uvloop, module:factory.".format(kind))
    factory = importlib.import_module(module)
    for part in name.split("."):
        factory = getattr(factory, part)
    loop = factory()  # type: ignore[operator]
    if not isinstance(loop, asyncio.AbstractEventLoop):
        raise TargetError("--loop {} gives no event loop: {!r}.".format(kind, loop))
    return loop


def run_factory(coroutine: Coroutine[Any, Any, Any], kind: str) -> Tuple[Any, asyncio.AbstractEventLoop]:
    """The application that a coroutine makes, and the loop that it was made on, on which it is to be served."""
    loop = new_event_loop(kind)
    asyncio.set_event_loop(loop)
    return check_callable(loop.run_until_complete(coroutine), "the result of {}()".format(coroutine.__qualname__)), loop


def task_starter(loop: asyncio.AbstractEventLoop) -> Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]:
    """A function that makes a task of a coroutine; it has taken its first step where that is possible.

    A new task schedules its first step by the loop's call_soon. On loops of asyncio itself that step can be taken back
    from the loop and run at once, which is what eager tasks do since 3.12.
    """
    ready: "Deque[Any]" = getattr(loop, "_ready", None)  # type: ignore[assignment]
    if HAS_EAGER_TASKS or not isinstance(loop, asyncio.BaseEventLoop) or not hasattr(ready, "pop"):
        return loop.create_task

    create_task = loop.create_task
    pop = ready.pop
    append = ready.append

    def start(coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = create_task(coroutine)
        if ready:
            handle = pop()
            # Another thread may have scheduled something since, and a task factory may do as it likes.
            if getattr(handle._callback, "__self__", None) is task:
                try:
                    handle._run()
                except (SystemExit, KeyboardInterrupt):
                    # The task has it as its exception.
                    pass
            else:
                append(handle)
        return task

    return start
