"""Lifespans that go well and others. What is done is written to standard error."""

import asyncio
import sys


def note(text):
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


async def respond(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": repr(sorted(scope["state"].items())).encode()})


async def good(scope, receive, send):
    if scope["type"] != "lifespan":
        return await respond(scope, receive, send)
    note("scope {}".format(sorted(scope.items())))
    message = await receive()
    note("received {}".format(message))
    await asyncio.sleep(0)
    scope["state"]["started"] = True
    await send({"type": "lifespan.startup.complete"})
    note("received {}".format(await receive()))
    note("state {}".format(sorted(scope["state"])))
    await asyncio.sleep(0)
    await send({"type": "lifespan.shutdown.complete"})
    note("ended")


async def unsupported(scope, receive, send):
    assert scope["type"] == "http"
    await respond(scope, receive, send)


async def returns(scope, receive, send):
    if scope["type"] == "http":
        await respond(scope, receive, send)


async def failing(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "the database is not there"})


async def failing_mutely(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed"})


async def failing_and_raising(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "first this"})
    raise ValueError("then that")


async def exiting(scope, receive, send):
    raise SystemExit(4)


async def shutdown_fails(scope, receive, send):
    if scope["type"] != "lifespan":
        return await respond(scope, receive, send)
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "could not write"})


async def shutdown_raises(scope, receive, send):
    if scope["type"] != "lifespan":
        return await respond(scope, receive, send)
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    raise ValueError("raised in the shutdown")


async def ends_early(scope, receive, send):
    if scope["type"] != "lifespan":
        return await respond(scope, receive, send)
    await receive()
    await send({"type": "lifespan.startup.complete"})


async def out_of_order(scope, receive, send):
    if scope["type"] != "lifespan":
        return await respond(scope, receive, send)
    await receive()
    for kind in ("lifespan.shutdown.complete", "http.response.start"):
        try:
            await send({"type": kind})
        except RuntimeError as error:
            note("refused {}".format(error))
    await send({"type": "lifespan.startup.complete"})
    try:
        await send({"type": "lifespan.startup.complete"})
    except RuntimeError as error:
        note("refused {}".format(error))


async def generators(scope, receive, send):
    """Leaves an asynchronous generator and a task behind, and work in the executor."""
    if scope["type"] == "lifespan":
        raise ValueError("none")

    async def numbers():
        try:
            yield 1
            yield 2
        finally:
            note("generator closed")

    async def forever():
        try:
            await asyncio.sleep(3600)
        finally:
            note("task cancelled")

    generator = numbers()
    await generator.__anext__()
    kept.append(generator)
    kept.append(asyncio.ensure_future(forever()))
    await asyncio.get_event_loop().run_in_executor(None, note, "executed")
    await respond(scope, receive, send)


kept = []


async def slow(scope, receive, send):
    """A request that is still running when the worker is told to end."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        note("shutdown")
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    if scope["path"] == "/wait":
        released.append(asyncio.Event())
        await released[-1].wait()
        note("request done")
    elif scope["path"] == "/release":
        for event in released:
            event.set()
    await respond(scope, receive, send)


released = []


async def handles_signal(scope, receive, send):
    import signal

    if scope["type"] == "lifespan":
        raise ValueError("none")
    if scope["path"] == "/install":
        got = asyncio.Event()
        released.append(got)
        asyncio.get_event_loop().add_signal_handler(signal.SIGUSR1, got.set)
    elif scope["path"] == "/wait":
        await released[-1].wait()
    await respond(scope, receive, send)
