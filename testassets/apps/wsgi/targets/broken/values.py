"""Names that are no applications."""

number = 5
nothing = None


def application():
    raise RuntimeError("raised by the factory")


def makes_number():
    return 5
