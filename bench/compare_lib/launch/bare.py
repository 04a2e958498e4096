"""The interpreter with MODULE:application imported and nothing else: ``bare.py MODULE``. Ends with its input."""

import importlib
import sys

application = importlib.import_module(sys.argv[1]).application
print("ready", flush=True)
sys.stdin.read()
