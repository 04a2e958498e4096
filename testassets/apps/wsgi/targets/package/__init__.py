from answer import answer

NAME = "package"
application = answer(NAME)
