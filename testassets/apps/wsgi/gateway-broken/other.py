"""Applications of another interface."""

import functools


async def function(scope, receive, send):
    pass


class Application:
    async def __call__(self, scope, receive, send):
        pass


instance = Application()
wrapped = functools.partial(function, {})
