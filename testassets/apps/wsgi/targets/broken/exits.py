import sys

sys.exit("exits while importing")
