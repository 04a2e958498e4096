"""Downloads a file over and over: ``download.py PORT PATH SECONDS SIZE``. Prints the seconds each took, as JSON.

One connection that is kept where the server keeps it. The bytes are counted and dropped. A response of another length
ends it with exit status 1.
"""

import http.client
import json
import sys
import time

port, path, seconds, size = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
buffer = bytearray(1 << 20)
times = []
begin = time.monotonic()
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
while not times or time.monotonic() - begin < seconds:
    start = time.monotonic()
    connection.request("GET", path)
    response = connection.getresponse()
    got = 0
    while True:
        count = response.readinto(buffer)
        if not count:
            break
        got += count
    times.append(time.monotonic() - start)
    if response.status != 200 or got != size:
        sys.exit(f"status {response.status}, {got} bytes instead of {size}")
json.dump(times, sys.stdout)
