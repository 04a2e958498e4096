"""What applications do with tasks, one behaviour per path; the query has its parameters."""

import asyncio
import contextvars
from urllib.parse import parse_qsl

import anyio

import gate

name = contextvars.ContextVar("name", default="nobody")


class Request:
    def __init__(self, scope, receive, send):
        self.receive = receive
        self.send = send
        self.query = dict(parse_qsl(scope["query_string"].decode()))
        self.port = self.query.get("port")

    async def answer(self, text="hello"):
        await self.send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await self.send({"type": "http.response.body", "body": str(text).encode()})


async def hello(request):
    await request.answer()


async def current_task(request):
    """It is one task before and after it has waited, a real one, and it has a loop."""
    task = asyncio.current_task()
    found = [isinstance(task, asyncio.Task), task in asyncio.all_tasks(), task.get_loop() is asyncio.get_running_loop()]
    await request.receive()
    found.append(asyncio.current_task() is task)
    await asyncio.sleep(0)
    found.append(asyncio.current_task() is task)
    found.append(not task.done() and not task.cancelled())
    await request.answer(found)


async def context(request):
    """Variables of requests that run side by side."""
    before = name.get()
    name.set(request.query["name"])
    await gate.wait_async(request.port, "set", name.get())
    child = await asyncio.create_task(child_context())
    await request.answer("{} {} {}".format(before, name.get(), child))


async def child_context():
    seen = name.get()
    name.set("child")
    return seen


async def timeout_receive(request):
    """Waits for the client that were given up lose nothing of what comes later."""
    await request.receive()
    outcomes = []
    try:
        async with asyncio.timeout(0.01):
            await request.receive()
    except TimeoutError:
        outcomes.append("timeout")
    with anyio.move_on_after(0.01) as scope:
        await request.receive()
    outcomes.append(scope.cancel_called)
    try:
        await asyncio.wait_for(request.receive(), 0.01)
    except asyncio.TimeoutError:
        outcomes.append("wait_for")
    gate.signal(request.port, "waiting", outcomes)
    message = await request.receive()
    gate.signal(request.port, "left", message["type"])


async def timeout_send(request):
    """A client that does not read is given up."""
    await request.send({"type": "http.response.start", "status": 200})
    try:
        while True:
            async with asyncio.timeout(0.3):
                await request.send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
    except TimeoutError:
        gate.signal(request.port, "gave_up", asyncio.current_task().cancelling())
        raise


async def cancel_child(request):
    """A task of the application that waits for the client, and is cancelled."""
    await request.receive()
    listener = asyncio.create_task(request.receive())
    worker = asyncio.create_task(asyncio.sleep(0, "worked"))
    done, _ = await asyncio.wait({listener, worker}, return_when=asyncio.FIRST_COMPLETED)
    listener.cancel()
    try:
        await listener
        outcome = "not cancelled"
    except asyncio.CancelledError:
        outcome = "cancelled"
    await request.answer("{} {}".format(outcome, [task.result() for task in done]))


async def cancel_itself(request):
    asyncio.current_task().cancel()
    await asyncio.sleep(0)
    await request.answer("not cancelled")


async def cancel_and_go_on(request):
    """A cancellation that the application handles."""
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(task.cancel)
    try:
        await request.receive()
        await request.receive()
    except asyncio.CancelledError:
        task.uncancel()
    await request.answer("went on")


async def group(request):
    """A task group in which one fails: the others are cancelled."""
    events = []

    async def wait():
        try:
            await anyio.sleep_forever()
        except asyncio.CancelledError:
            events.append("cancelled")
            raise

    async def fail():
        await anyio.sleep(0)
        raise ValueError("one of the group")

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            tasks.start_soon(wait)
            tasks.start_soon(fail)
    except ValueError as error:
        events.append(str(error))
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(wait())
            tasks.create_task(fail())
    except* ValueError as errors:
        events.append(len(errors.exceptions))
    await request.answer(events)


async def threads(request):
    """Back and forth between the loop and threads."""

    def work():
        return anyio.from_thread.run(anyio.sleep, 0), name.get()

    name.set("threaded")
    await request.answer((await anyio.to_thread.run_sync(work))[1])


async def outlives(request):
    """A task that goes on after the response."""
    asyncio.create_task(gate.wait_async(request.port, "outlived"))
    await request.answer()


async def rendezvous(request):
    """Answers once all have come: nothing of it works unless they run side by side."""
    waiting.append(event := asyncio.Event())
    if len(waiting) == int(request.query["count"]):
        for one in waiting:
            one.set()
        waiting.clear()
    await event.wait()
    await request.answer("met")


waiting = []


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("only http")
    await globals()[scope["path"][1:]](Request(scope, receive, send))
