#!/usr/bin/env python3
"""Text measures against sacrebleu, rouge-score, NLTK and rapidfuzz.
    text.py PROBE [--count N] [--hostile N] [--seed N]
PROBE is the program text_probe. Parity is an absolute difference of at most 1e-9; scores of
0..100 are compared as such. rapidfuzz is its pure Python form. METEOR runs without WordNet, on white-space tokens."""
import argparse
import json
import logging
import random
import subprocess
import sys

try:
    import rapidfuzz.fuzz_py as fuzz  # the C++ form takes other characters for white space
    from nltk.stem.porter import PorterStemmer
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    from nltk.translate.meteor_score import meteor_score
    from rouge_score import rouge_scorer
    from sacrebleu.metrics import BLEU, CHRF, TER
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)

logging.getLogger("sacrebleu").setLevel(logging.ERROR)
WORDS = """the The a cat cats sat sitting mat on in of and is 3.14 1,000 $5 50% e.g. U.S. don't isn't well-known
 naïve café straße Москва город 東京 北京 天气 हिन्दी ไทย hello, world! (yes) [no] "quoted" x=y a/b C++ -5 &amp; &lt;b&gt; '' ...
 — “curly” ‘single’ can't running runs ran beautiful beauty nation national relational 12.05.2023 3-4 end. 's""".split()


class NoWordNet:
    def synsets(self, *_):
        return []


def random_pair(r):
    ref = [r.choice(WORDS) for _ in range(r.randint(1, 25))]
    hyp = list(ref)
    for _ in range(r.randint(0, 8)):
        k = r.randrange(len(hyp) + 1)
        act = r.random()
        if act < 0.35 and k < len(hyp):
            hyp[k] = r.choice(WORDS)
        elif act < 0.6 and k < len(hyp) and len(hyp) > 1:
            del hyp[k]
        elif act < 0.8:
            hyp.insert(k, r.choice(WORDS))
        else:
            cut = r.randrange(len(hyp))
            hyp = hyp[cut:] + hyp[:cut]
    return " ".join(hyp), " ".join(ref)


def hostile_pair(r, i):
    alphabets = ["ab ", "。，、a ", ".,-1 ", "\u0301\u0308e ", "'\"&;<> ", "\u2003\u00a0x ", "\U0001f600\u200d ", "İıſK ",
                 "\u1680\u2028 y", "{}[]~`/\\ "]
    a = alphabets[i % len(alphabets)]

    def text():
        return "".join(r.choice(a) for _ in range(r.randint(1, 60)))
    return text(), text()


def reference(h, w):
    """The numbers of text_probe, in its order; None where a library refuses the input."""
    out = [BLEU(tokenize=t, smooth_method=s, effective_order=e).sentence_score(h, [w]).score
           for t, s, e in (("13a", "exp", True), ("zh", "floor", True), ("intl", "add-k", True), ("char", "none", False))]
    out += [CHRF(word_order=n).sentence_score(h, [w]).score for n in (0, 2)]
    out += [TER().sentence_score(h, [w]).score, TER(normalized=True, no_punct=True).sentence_score(h, [w]).score]
    rouge = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False).score(w, h)
    out += [rouge[k].fmeasure for k in ("rouge1", "rouge2", "rougeL")]
    ht, wt = h.split(), w.split()
    try:
        out.append(sentence_bleu([wt], ht, smoothing_function=SmoothingFunction().method1))
    except ZeroDivisionError:
        out.append(None)
    try:
        out.append(meteor_score([wt], ht, preprocess=str.lower, stemmer=PorterStemmer(), wordnet=NoWordNet()))
    except ZeroDivisionError:
        out.append(None)
    out += [fuzz.ratio(h, w), None if max(len(h), len(w)) > 0 and min(len(h), len(w)) > 64 else fuzz.partial_ratio(h, w),
            fuzz.token_sort_ratio(h, w), fuzz.token_set_ratio(h, w)]
    return out


NAMES = ["bleu 13a exp", "bleu zh floor", "bleu intl add-k", "bleu char none", "chrF", "chrF++", "TER", "TER normalized",
         "rouge1", "rouge2", "rougeL", "nltk bleu", "meteor", "ratio", "partial_ratio", "token_sort_ratio", "token_set_ratio"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("probe")
    p.add_argument("--count", type=int, default=2000)
    p.add_argument("--hostile", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    r = random.Random(o.seed)
    pairs = [random_pair(r) for _ in range(o.count)] + [hostile_pair(r, i) for i in range(o.hostile)]
    lines = "".join(json.dumps({"hyp": h, "ref": w}) + "\n" for h, w in pairs)
    got = subprocess.run([o.probe], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(got) == len(pairs), f"{len(got)} lines for {len(pairs)} pairs"
    worst, compared, bad = [0.0] * len(NAMES), [0] * len(NAMES), 0
    for (h, w), line in zip(pairs, got):
        for k, (x, y) in enumerate(zip(map(float, line.split()), reference(h, w))):
            if y is None:
                continue
            compared[k] += 1
            worst[k] = max(worst[k], abs(x - y))
            if abs(x - y) > 1e-9:
                bad += 1
                if bad <= 5:
                    print(f"{NAMES[k]}: {x!r}, library {y!r} for {json.dumps([h, w])}")
    for n, c, d in zip(NAMES, compared, worst):
        print(f"{n}: {c} compared, largest difference {d:.1e}")
    print(f"text: {len(pairs)} pairs, {bad} differences (seed {o.seed})")
    return 1 if bad else 0


sys.exit(main())
