"""The share of an answer's words that it does not repeat, and 0 for what is no JSON."""


def load(options):
    global full
    full = options.get("full", 20)  # words that earn the whole score


def score(answers):
    return [one(a) for a in answers]


def one(answer):
    try:
        words = answer.json()["text"].lower().split()
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0.0  # an answer that raises would keep what its miner had
    return min(1.0, len(set(words)) / full)
