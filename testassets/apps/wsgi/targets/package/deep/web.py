from answer import answer

from .. import NAME

application = answer("{} as {}".format(NAME, __name__))
