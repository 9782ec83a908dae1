"""How many of the 256 bytes occur; distinct.c says the same."""


def score(answers):
    return [len(set(a.body)) / 256 for a in answers]
