"""The WebSocket load generator: ``websocket_load.py PORT PATH CONNECTIONS SIZE SECONDS``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from compare_lib.websocket.load import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
