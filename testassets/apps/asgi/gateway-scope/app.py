"""Answers with the scope."""


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        scope["state"]["number"] = 1
        scope["state"]["list"] = []
        assert (await receive())["type"] == "lifespan.startup"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})
        return
    text = "\n".join("{}={!r}".format(key, scope[key]) for key in sorted(scope))
    # Whatever a request does to its scope is its own affair.
    scope["headers"].append((b"x-added", b"1"))
    scope["headers"].sort()
    scope["state"]["number"] += 1
    scope["state"]["list"].append(1)
    scope["extensions"].clear()
    scope["path"] = "/changed"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode("utf-8", "backslashreplace")})
