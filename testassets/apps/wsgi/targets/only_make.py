from answer import answer


def create_app(config):
    raise AssertionError("needs an argument")


def make_app():
    return answer("only make_app")
