"""What an application can do to the channel that its process serves: its socket is a descriptor like any other."""

import os
import socket
import stat


def descriptors():
    """The Unix sockets of this process: its channels."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.stat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as candidate:
                    if candidate.family == socket.AF_UNIX:
                        found.append(int(name))
        except OSError:
            pass
    return found


def write(data):
    for descriptor in descriptors():
        os.write(descriptor, data)
