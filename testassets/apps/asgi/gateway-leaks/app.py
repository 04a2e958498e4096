"""The applications of the other folders, and the counters of the process."""

import asyncio
import gc
import importlib.util
import os
import sys

sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def load(name):
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "gateway-" + name, "app.py")
    spec = importlib.util.spec_from_file_location("app_" + name.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


http = load("http")
websocket = load("websocket")
tasks = load("tasks")


async def counters(send):
    for module in (http, websocket, tasks):
        del module.seen[:]
    tasks.tasks.clear()
    http.kept.clear()
    await asyncio.sleep(0.01)
    gc.collect()
    with open("/proc/self/status") as status:
        memory = next(line.split()[1] for line in status if line.startswith("VmRSS"))
    values = {
        "objects": len(gc.get_objects()),
        "blocks": sys.getallocatedblocks(),
        "tasks": len(asyncio.all_tasks()),
        "files": len(os.listdir("/proc/self/fd")),
        "memory": int(memory),
    }
    await http.answer(send, "\n".join("{}={}".format(*item) for item in values.items()).encode())


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise ValueError("none")
    if scope["path"] == "/counters":
        await counters(send)
    elif scope["type"] == "websocket":
        await websocket.app(scope, receive, send)
    elif scope["path"].startswith("/tasks/"):
        await tasks.app(dict(scope, path=scope["path"][6:]), receive, send)
    else:
        await http.app(scope, receive, send)
