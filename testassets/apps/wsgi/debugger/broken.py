"""What is served in the place of an application whose source has an error."""

import os

from darter.debugger import Debugger

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "broken.txt")

try:
    with open(SOURCE) as file:
        compile(file.read(), SOURCE, "exec")
except SyntaxError as error:
    app = Debugger(pin="123-456-789").failed(error)
