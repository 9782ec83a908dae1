#!/usr/bin/env python3
"""Speech measures against jiwer, normalisers against openai-whisper (or whisper-normalizer).
    stt.py PROBE [--count N] [--hostile N] [--seed N]
PROBE is the program stt_probe. pip install jiwer openai-whisper==20250625 more-itertools
regex is enough (openai-whisper with --no-deps: its model code is not needed). Prints one
line for each comparison; what cannot be compared here is skipped and says so."""
import argparse
import importlib
import importlib.metadata
import importlib.util
import pathlib
import random
import struct
import subprocess
import sys
import types
import unicodedata

try:
    import jiwer
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)

WORDS = """the ferry leaves at six in the morning um uh hmm mm mhm colour honour travelled organise grey centre
 one two three twelve twenty thirty ninety hundred thousand million billion decillion first second third fifth
 ninth twentieth hundredth millions sixes twenties o oh zero point and a half double triple per cent percent minus
 negative plus positive dollars dollar euros pounds cents cent $20 £5.50 €3 ¢7 20% 1,234 1,2,3 3.14 .5 5. 007 1
 1s 1st 2nd 21st 1990s 90's don't won't can't it's he'd they've I'm let's y'all gonna gotta wanna Mr. Mrs Dr St.
 Prof capt gov Jr esq he'd been she's got 'tis rock'n'roll [laughter] (Music) <noise> [ ( ) ] < > {x} é ñ ü ß œ ø
 Łódź naïve café İstanbul ΑΒΓΣ σίγμα Москва ё 東京 名前 你好 한국어 हिन्दी ไทย العَرَبِيَّة שָׁלוֹם ½ ² ﬁ Ａ １２ ٣ १२ ①
 — – ‑ ’ ‘ “ ” … № ™ ° € ₹ ¥ # @ & * _ / \\ | ~ ^ -5 +5 −5 3-4 a.b e-mail@host.org U.S.A. 10:30 1/2 😀 👩‍👩‍👧 \u00ad \u200b""".split()
SPACES = [" "] * 12 + ["  ", "\t", "\n", "\u00a0", "\u3000", "", " \t ", "\x1f", "\x85", "\r\n"]


def random_text(r):
    kind = r.random()
    if kind < 0.75:
        return "".join(r.choice(WORDS) + r.choice(SPACES) for _ in range(r.randint(0, 30)))
    if kind < 0.9:
        return "".join(r.choice("abcdefghij ABC,.!?'$%()[]<>\n0123456789 one two") for _ in range(r.randint(0, 150)))
    return "".join(chr(r.choice([r.randint(0, 0x7f), r.randint(0, 0x2fff), r.randint(0x3000, 0xd7ff),
                                 r.randint(0xe000, 0x10ffff)])) for _ in range(r.randint(0, 60)))


def hostile_text(r):
    def over(alphabet, n):
        return "".join(r.choice(alphabet) for _ in range(n))

    def words(list, n):
        return " ".join(r.choice(list) for _ in range(n))
    return r.choice([
        lambda: over("()[]<> a", r.randint(1, 400)),
        lambda: over("'sdtmrevl ", r.randint(1, 300)),
        lambda: over("0123456789.,$%¢ ", r.randint(1, 300)),
        lambda: over("\u0300\u0301\u0316a ", r.randint(1, 300)),
        lambda: over(" \t\n\u00a0\u3000\x1c\x85", r.randint(1, 300)),
        lambda: over("٠١٢٣४५६¼½²³①Ⅷ一 ", r.randint(1, 100)),
        lambda: words(["one", "two", "ten", "twenty", "hundred", "o"], r.randint(1, 12)),
        lambda: words("and a half point double triple per cent minus two dollars cents hundred 7 3.5 $2".split(),
                      r.randint(1, 60)),
        lambda: over("Ⅰıİſßẞﬀﬁǅ ", r.randint(1, 100)),
        lambda: over("👩\u200d\ufe0f🏽🇩🇪 ", r.randint(1, 100)),
        lambda: over("\U000e0041\ue000\uffff\U0010ffff ", r.randint(1, 100)),
        lambda: "x" * r.randint(1000, 20000),
        lambda: "a " * r.randint(100, 3000),
    ])()


def pack(texts):
    return b"".join(struct.pack("<I", len(b)) + b for b in (t.encode() for t in texts))


def run(probe, args, texts):
    out = subprocess.run([probe, *args], input=pack(texts), capture_output=True)
    if out.returncode:
        sys.exit(out.stderr.decode())
    return out.stdout


def unpack(data):
    texts, at = [], 0
    while at < len(data):
        (n,) = struct.unpack_from("<I", data, at)
        texts.append(data[at + 4:at + 4 + n].decode())
        at += 4 + n
    return texts


class Report:
    failed = False

    def say(self, name, n, worst, bad):
        print(f"{name}: {n} compared, worst difference {worst:.3g}, {len(bad)} different")
        for b in bad[:3]:
            print("  ", *map(ascii, b))
        self.failed = self.failed or bool(bad)


def pairs_of(r, texts):
    """Unrelated pairs, and pairs of a text and its edited copy."""
    out = []
    for t in texts:
        words = t.split(" ")
        edited = [w for w in words if r.random() > 0.1]
        for _ in range(r.randint(0, 3)):
            edited.insert(r.randint(0, len(edited)), r.choice(WORDS))
        out.append((t, r.choice(texts) if r.random() < 0.4 else " ".join(edited)))
    return out


def measures(probe, r, texts, report):
    pairs = pairs_of(r, texts)
    got = list(struct.iter_unpack("<9d", run(probe, ["measures"], [t for p in pairs for t in p])))
    worst, bad = 0, []
    for (ref, hyp), g in zip(pairs, got):
        w, c = jiwer.process_words(ref, hyp), jiwer.process_characters(ref, hyp)
        want = (w.hits, w.substitutions, w.deletions, w.insertions, w.wer, w.mer, w.wil, w.wip, c.cer)
        d = max(abs(a - b) for a, b in zip(want, g))
        worst = max(worst, d)
        if not d <= 1e-9:
            bad.append((ref[:80], hyp[:80], want, g))
    report.say(f"measures, jiwer {importlib.metadata.version('jiwer')}", len(pairs), worst, bad)


def texts_alike(name, texts, got, want_of, report):
    bad = []
    for t, g in zip(texts, got):
        want = want_of(t)
        if want != g:
            bad.append((t[:200], g[:200], want[:200]))
    report.say(name, len(texts), len(bad) and 1, bad)


def standardize(text):
    words = jiwer.wer_standardize([text])
    return "\x1f".join(words[0])


def whisper_normalizers():
    """The module, without the rest of its package, which wants a deep-learning library."""
    for package in ("whisper", "whisper_normalizer"):
        spec = importlib.util.find_spec(package)
        if spec is None:
            continue
        folder = pathlib.Path(spec.submodule_search_locations[0])
        shell = types.ModuleType(package)
        shell.__path__ = [str(folder)]
        sys.modules[package] = shell
        if package == "whisper":
            module = importlib.import_module("whisper.normalizers")
            return module.EnglishTextNormalizer, module.BasicTextNormalizer, folder, "openai-whisper"
        english = importlib.import_module("whisper_normalizer.english")
        basic = importlib.import_module("whisper_normalizer.basic")
        return english.EnglishTextNormalizer, basic.BasicTextNormalizer, folder, "whisper-normalizer"
    return None


def survives(normalise, text):
    """The library itself fails on some numbers ('½ million')."""
    try:
        normalise(text)
        return True
    except (ValueError, ZeroDivisionError, OverflowError, AssertionError):
        return False


def normalisers(probe, texts, report):
    found = whisper_normalizers()
    if found is None:
        print("skipped: normalisers: neither openai-whisper nor whisper-normalizer is installed")
        return
    English, Basic, folder, package = found
    name = f"{package} {importlib.metadata.version(package)}"
    english = English()
    able = [t for t in texts if survives(english, t)]
    if len(able) < len(texts):
        print(f"english: {len(texts) - len(able)} texts on which {package} itself fails are left out")
    table = str(folder / "normalizers" / "english.json")
    texts_alike(f"english, {name}", able, unpack(run(probe, ["english", table], able)), english, report)
    for mode, normalise in (("basic", Basic()), ("bare", Basic(remove_diacritics=True)),
                            ("letters", Basic(split_letters=True))):
        # The library splits with its own, newer Unicode tables: known characters only.
        known = [t for t in texts if mode != "letters" or not any(unicodedata.category(c) == "Cn" for c in t)]
        texts_alike(f"{mode}, {name}", known, unpack(run(probe, [mode], known)), normalise, report)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("probe")
    p.add_argument("--count", type=int, default=3000)
    p.add_argument("--hostile", type=int, default=400)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    r, report = random.Random(a.seed), Report()
    texts = [random_text(r) for _ in range(a.count)] + [hostile_text(r) for _ in range(a.hostile)]
    texts = [t for t in texts if "\0" not in t and t.encode("utf-8", "ignore").decode() == t]
    measures(a.probe, r, texts, report)
    texts_alike("standard, jiwer wer_standardize", texts, unpack(run(a.probe, ["standard"], texts)),
                standardize, report)
    normalisers(a.probe, texts, report)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
