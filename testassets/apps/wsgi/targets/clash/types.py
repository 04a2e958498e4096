"""Has the name of a module that Python has loaded long before."""

from answer import answer

application = answer("clash/types.py")
