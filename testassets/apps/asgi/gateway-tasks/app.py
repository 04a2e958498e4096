"""What asyncio promises to the code of a request: tasks, contexts, cancellation, timeouts."""

import asyncio
import contextvars
import os
import threading
import time

variable = contextvars.ContextVar("variable", default="unset")
tasks = set()
seen = []


async def answer(send, content):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": content.encode()})


async def current(scope, receive, send):
    task = asyncio.current_task()
    assert isinstance(task, asyncio.Task)
    assert task in asyncio.all_tasks()
    assert task.get_loop() is asyncio.get_event_loop()
    assert "call_soon" not in vars(asyncio.get_event_loop())
    new = task not in tasks
    tasks.add(task)
    await asyncio.sleep(0)
    assert asyncio.current_task() is task
    await receive()
    assert asyncio.current_task() is task
    assert threading.current_thread() is threading.main_thread()
    await answer(send, "new" if new else "old")
    assert asyncio.current_task() is task


async def current_at_once(scope, receive, send):
    task = asyncio.current_task()
    new = task not in tasks
    tasks.add(task)
    await answer(send, "new" if new else "old")


async def context(scope, receive, send):
    before = variable.get()
    variable.set(scope["query_string"].decode())
    await asyncio.sleep(0)
    await receive()
    inner = await asyncio.ensure_future(read_variable())
    await answer(send, "{} {} {}".format(before, variable.get(), inner))


async def read_variable():
    return variable.get()


async def context_of_wake(scope, receive, send):
    """The context is there also after the channel has resumed the task."""
    variable.set("kept")
    message = await receive()
    await answer(send, "{} {}".format(variable.get(), len(message["body"])))


async def callback(scope, receive, send):
    asyncio.current_task().add_done_callback(lambda task: seen.append("done {}".format(task.exception())))
    await answer(send, "ok")


async def ask(scope, receive, send):
    content = "\n".join(seen)
    del seen[:]
    await answer(send, content)


async def timeout(scope, receive, send):
    """A wait for a message is broken off by a timeout, and can be begun again."""
    results = []
    await receive()
    if hasattr(asyncio, "timeout"):
        try:
            async with asyncio.timeout(0.01):
                await receive()
        except TimeoutError:
            results.append("timeout")
        assert asyncio.current_task().cancelling() == 0
    else:
        results.append("timeout")
    try:
        await asyncio.wait_for(receive(), 0.01)
    except asyncio.TimeoutError:
        results.append("wait_for")
    await answer(send, " ".join(results))


async def cancelled_wait(scope, receive, send):
    await receive()
    waiting = asyncio.ensure_future(wait_for_disconnect(receive))
    await asyncio.sleep(0)
    waiting.cancel()
    try:
        await waiting
    except asyncio.CancelledError:
        pass
    await answer(send, "\n".join(seen))
    del seen[:]


async def wait_for_disconnect(receive):
    try:
        await receive()
    except asyncio.CancelledError as error:
        seen.append("cancelled {}".format(error.args))
        raise
    finally:
        seen.append("finally")


async def cancel_message(scope, receive, send):
    await receive()
    waiting = asyncio.ensure_future(wait_for_disconnect(receive))
    await asyncio.sleep(0)
    try:
        waiting.cancel(msg="why")
    except TypeError:
        waiting.cancel()
    await asyncio.wait([waiting])
    await answer(send, seen[0])
    del seen[:]


async def cancel_swallowed(scope, receive, send):
    """A task that catches its cancellation goes on waiting."""
    await receive()

    async def stubborn():
        try:
            await receive()
        except asyncio.CancelledError:
            seen.append("swallowed")
        message = await receive()
        seen.append(message["type"])

    waiting = asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await answer(send, "answered")
    await waiting


async def two_receivers(scope, receive, send):
    """Two tasks wait for the same thing; one of them is cancelled."""
    first = asyncio.ensure_future(receive())
    second = asyncio.ensure_future(receive())
    third = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    done, _ = await asyncio.wait([first, third], return_when=asyncio.FIRST_COMPLETED)
    body = done.pop().result()["body"]
    await answer(send, body.decode())
    rest = [task for task in (first, third) if not task.done()]
    if rest:
        await asyncio.wait(rest)
        seen.append(rest[0].result()["type"])


async def groups(scope, receive, send):
    results = []

    async def work(number):
        await asyncio.sleep(0)
        results.append(number)

    if hasattr(asyncio, "TaskGroup"):
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(work(number))
    else:
        await asyncio.gather(*[work(number) for number in range(3)])
    await answer(send, repr(sorted(results)))


async def background(scope, receive, send):
    """Goes on after the response is complete."""
    await answer(send, "answered")
    await asyncio.sleep(0.01)
    seen.append("background done")


async def background_at_once(scope, receive, send):
    await answer(send, "answered")
    seen.append("at once")


async def blocking(scope, receive, send):
    result = await asyncio.get_event_loop().run_in_executor(None, threading.get_ident)
    await answer(send, str(result != threading.get_ident()))


async def nested(scope, receive, send):
    """send() and receive() from a task of their own."""

    async def child():
        message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": message["body"] + b"!"})

    await asyncio.get_event_loop().create_task(child())


async def factory(scope, receive, send):
    """A task factory of the application is used from then on."""

    def make(loop, coroutine, **others):
        made.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **others)

    loop = asyncio.get_event_loop()
    if scope["query_string"] == b"set":
        loop.set_task_factory(make)
    elif scope["query_string"] == b"unset":
        loop.set_task_factory(None)
    await answer(send, str(len(made)))


made = []


async def blocks(scope, receive, send):
    """Keeps the loop to itself until the file that the query names is there."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"blocks", "more_body": True})
    while not os.path.exists(scope["query_string"].decode()):
        time.sleep(0.001)
    await send({"type": "http.response.body"})


async def own_call_soon(scope, receive, send):
    """A call_soon of the application is used from then on."""
    loop = asyncio.get_event_loop()
    if scope["query_string"] == b"set":
        original = loop.call_soon

        def call_soon(*arguments, **options):
            made.append(arguments)
            return original(*arguments, **options)

        loop.call_soon = call_soon
    elif scope["query_string"] == b"unset":
        del loop.call_soon
    await answer(send, str(len(made)))


async def while_made(scope, receive, send):
    """Each task that is made asks get_debug(), which schedules something of its own."""
    loop = asyncio.get_event_loop()
    if scope["query_string"] == b"set":

        def get_debug():
            # Handles ask it, too.
            if "get_debug" in vars(loop):
                del loop.get_debug
                loop.call_soon(seen.append, "plain")
                loop.call_soon(noted, context=contextvars.copy_context())
                loop.call_soon(seen.append, "with an argument", context=contextvars.copy_context())
                kept.append(loop.call_soon)
                loop.get_debug = get_debug
            return False

        variable.set("kept")
        loop.get_debug = get_debug
    else:
        del loop.get_debug
        for call_soon in kept:
            call_soon(seen.append, "kept", context=contextvars.copy_context())
            call_soon(kept.clear, context=contextvars.copy_context())
    await answer(send, "ok")


kept = []


def noted():
    seen.append("noted " + variable.get())


class OwnTasks(asyncio.SelectorEventLoop):
    """A loop with a way of its own to make tasks."""

    def create_task(self, coroutine, **options):
        made.append(coroutine)
        return super().create_task(coroutine, **options)


async def loop_kind(scope, receive, send):
    loop = asyncio.get_event_loop()
    await answer(send, "{}.{}".format(type(loop).__module__, type(loop).__name__))


async def handler(scope, receive, send):
    """The handler of exceptions of the loop is left to the application."""
    loop = asyncio.get_event_loop()
    assert loop.get_exception_handler() is None
    loop.set_exception_handler(lambda loop, context: seen.append(repr(context["exception"])))

    def fail():
        raise ValueError("in a callback")

    loop.call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    loop.set_exception_handler(None)
    await answer(send, "\n".join(seen))
    del seen[:]


async def hang(scope, receive, send):
    """Waits until its task is cancelled, then does what the query says."""
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        seen.append("cancelled")
        if scope["query_string"] == b"receive":
            seen.append((await receive())["type"])
        elif scope["query_string"] == b"send":
            try:
                await answer(send, "too late")
            except OSError as error:
                seen.append(type(error).__name__)
        else:
            raise


async def count(scope, receive, send):
    await answer(send, str(len(asyncio.all_tasks())))


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("only http")
    await globals()[scope["path"].lstrip("/")](scope, receive, send)
