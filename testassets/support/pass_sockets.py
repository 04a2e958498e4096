"""Opens sockets as a service manager does, and executes a command that inherits them.

pass_sockets.py [--activate NAMES] KIND... -- COMMAND...

The sockets get the descriptors 3, 4 and so on. A KIND is tcp, unix=PATH, bound=tcp (not listening), unbound, udp,
connected, file, or closed. With --activate the environment says so as systemd says it (sd_listen_fds(3)).
"""

import fcntl
import os
import socket
import sys

FIRST = 3
AWAY = 100
PEERS = 200


def open_socket(kind):
    name, _, value = kind.partition("=")
    if name == "file":
        return os.open("/dev/null", os.O_RDWR)
    if name == "unix":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(value)
        listener.listen(16)
        return listener.detach()
    if name == "udp":
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(("127.0.0.1", 0))
        return datagrams.detach()
    stream = socket.socket()
    if name == "unbound":
        return stream.detach()
    stream.bind(("127.0.0.1", 0))
    if name == "bound":
        return stream.detach()
    stream.listen(16)
    if name == "tcp":
        return stream.detach()
    if name == "connected":
        client = socket.create_connection(stream.getsockname())
        fcntl.fcntl(stream.accept()[0], fcntl.F_DUPFD, PEERS)
        return client.detach()
    raise ValueError(kind)


def main():
    arguments = sys.argv[1:]
    end = arguments.index("--")
    kinds, command = arguments[:end], arguments[end + 1 :]
    if kinds[0] == "--activate":
        os.environ["LISTEN_FDNAMES"] = kinds[1]
        kinds = kinds[2:]
        os.environ["LISTEN_PID"] = str(os.getpid())
        os.environ["LISTEN_FDS"] = str(len(kinds))
    opened = [open_socket(kind) for kind in kinds]
    # Out of the way first: one may have the number that another is to get.
    away = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, AWAY) for descriptor in opened]
    os.closerange(FIRST, AWAY)
    for number, descriptor in enumerate(away, start=FIRST):
        os.dup2(descriptor, number)
    os.closerange(AWAY, PEERS)
    os.execv(command[0], command)


main()
