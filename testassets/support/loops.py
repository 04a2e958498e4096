"""Event loops for --loop module:factory."""

import asyncio


def marked():
    loop = asyncio.SelectorEventLoop()
    loop.marked = True
    return loop


def none():
    return None
