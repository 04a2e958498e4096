from answer import answer

application = answer("app.py")
app = answer("never: application comes first")
