from answer import answer

application = answer("not-a-name.py in " + __name__)
