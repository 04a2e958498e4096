"""Makes TLS connections: ``handshakes.py PORT PATH full|resumed PROCESSES SECONDS``. Prints how many a second, as JSON.

Each process is an ``openssl s_time`` with one connection at a time: TCP, handshake (TLS 1.3), one request, its response to the
server's end of the connection. "resumed" takes up the session of a first connection again and again. A process that fails,
a server that does not resume, or one that resumes what was not asked for, ends it with exit status 1.
"""

import json
import re
import subprocess
import sys
import time

port, path, kind, processes, seconds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]
line = ["openssl", "s_time", "-connect", f"127.0.0.1:{port}", "-tls1_3", "-www", path, "-time", seconds]
line.append("-new" if kind == "full" else "-reuse")

begin = time.monotonic()
running = [subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(processes)]
outputs = [process.communicate()[0] for process in running]
took = time.monotonic() - begin
total = 0
for process, output in zip(running, outputs):
    # A character for each connection: r is one that was resumed.
    kinds = "".join(re.findall(r"^[*r]+$", output, re.MULTILINE))
    counted = re.search(r"^(\d+) connections in \d+ real seconds, (\d+) bytes", output, re.MULTILINE)
    if process.returncode != 0 or counted is None or counted.group(2) == "0":
        sys.exit(f"openssl s_time: {output.strip()[-300:]}")
    if set(kinds) != {"*" if kind == "full" else "r"}:
        sys.exit(f"{kinds.count('r')} of {len(kinds)} handshakes were resumed")
    total += int(counted.group(1))
json.dump({"handshakes": total, "seconds": took}, sys.stdout)
