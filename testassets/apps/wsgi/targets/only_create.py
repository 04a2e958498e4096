from answer import answer


def create_app(config=None):
    return answer("only create_app {}".format(config))
