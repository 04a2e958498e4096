from answer import answer

app = answer("only app")


def create_app():
    raise AssertionError("app comes first")
