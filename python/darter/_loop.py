"""Event loops: making the one that is asked for, and what can be expected of it."""

from __future__ import annotations

import asyncio
import importlib
import sys

from darter.target import TargetError, check_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Coroutine, Tuple

#: Whether asyncio.Task takes eager_start, which has it take its first step at once.
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


def makes_plain_tasks(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether the loop's create_task() makes an asyncio.Task and does nothing else, as long as it has no task factory.

    A loop of another kind may have reasons of its own for what it does there.
    """
    create_task = getattr(type(loop), "create_task", None)
    uvloop = sys.modules.get("uvloop")
    return create_task is asyncio.BaseEventLoop.create_task or (
        uvloop is not None and create_task is getattr(getattr(uvloop, "Loop", None), "create_task", None)
    )
