"""The application's half of Darter.Testing.Gate: reports progress to the test and waits for its permission to go on."""

import asyncio
import socket


def wait(port, name, text=""):
    """Reports that the place *name* is reached, and returns when the test lets it go on, or has ended."""
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        connection.sendall("{} {}\n".format(name, text).encode())
        try:
            connection.recv(1)
        except ConnectionError:
            pass


def signal(port, name, text=""):
    """Reports that the place *name* is reached."""
    try:
        with socket.create_connection(("127.0.0.1", int(port))) as connection:
            connection.sendall("{} {}\n".format(name, text).encode())
    except ConnectionError:
        pass


async def wait_async(port, name, text=""):
    """As wait, without blocking the event loop."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    try:
        writer.write("{} {}\n".format(name, text).encode())
        await reader.read(1)
    except ConnectionError:
        pass
    finally:
        writer.close()
