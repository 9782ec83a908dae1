"""No scoring at all: what the way into Python and back costs."""


def score(answers):
    return [0.5] * len(answers)
