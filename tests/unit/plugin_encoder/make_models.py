#!/usr/bin/env python3
"""Makes the small models of this folder, random weights and all, and what the reference
(PyTorch with transformers, tokenizers) computes with them.
    python3 make_models.py          rewrites models/
Needs the Python packages torch, transformers, tokenizers, safetensors, numpy."""
import json
import os
import pathlib
import shutil

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (BertConfig, BertForSequenceClassification, BertModel, RobertaConfig,
                          RobertaForSequenceClassification, RobertaModel)

here = pathlib.Path(__file__).parent / "models"
TEXTS = ["the cat sat on a mat", "A cat, on THE mat!", "", "zzz unknown 42 words", "caf\u00e9 \u540d\u524d na\u00efve",
         "it's  two\tspaces\n", "the " * 60, "[SEP] is plain text </s>", "\u0130stanbul \u00df \U0001f600"]
PAIRS = [["the cat sat", "a cat sat on the mat"], ["two words", ""], ["", ""], ["mat " * 50, "cat"],
         ["the cat " * 30, "on a mat " * 30], ["cafe", "caf\u00e9"]]

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "a", "mat", "##s", "word", "two",
          "is", "it", "'", ",", "!", "[", "]", "plain", "text", "space", "cafe", "na", "##ive", "ist", "##anbul", "##a",
          "##t", "u", "##n", "##k", "##now", "4", "##2", "\u540d", "\u524d", "sep", "/", "<", ">", "\u00df", "s"]


def wordpiece():
    t = Tokenizer(models.WordPiece({p: i for i, p in enumerate(PIECES)}, unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=True)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    t.decoder = decoders.WordPiece()
    t.add_special_tokens(PIECES[:5])
    t.encode_special_tokens = True  # a name in the text is text
    return t


MERGES = [("t", "h"), ("th", "e"), ("\u0120", "c"), ("\u0120c", "at"), ("a", "t"), ("\u0120", "m"), ("\u0120m", "at"),
          ("s", "at"), ("\u0120", "sat"), ("\u0120", "on"), ("o", "n"), ("'", "s"), ("\u0120t", "he"), ("\u0120", "t"),
          ("h", "e"), ("z", "z"), ("\u00c3", "\u00a9")]


def bpe():
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    order = sorted(range(len(MERGES)), key=lambda i: len(MERGES[i][0] + MERGES[i][1]))
    merges = [MERGES[i] for i in order]
    vocab = {s: i for i, s in enumerate(["<s>", "<pad>", "</s>", "<unk>"] + symbols)}
    kept = []
    for a, b in merges:
        if a in vocab and b in vocab:
            vocab.setdefault(a + b, len(vocab))
            kept.append((a, b))
    t = Tokenizer(models.BPE(vocab, kept))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens([AddedToken(s, special=True) for s in ["<s>", "<pad>", "</s>", "<unk>"]])
    t.encode_special_tokens = True
    return t, vocab, kept


def rounded(model, dtype):
    state = {k: v.to(dtype).contiguous() for k, v in model.state_dict().items() if v.is_floating_point()}
    model.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
    return state


def encode(t, most, *texts):
    t.enable_truncation(most)
    e = t.encode(*texts)
    return e.ids, e.type_ids


def write(name, config, model, dtype, extra):
    d = here / name
    d.mkdir(parents=True)
    save_file(rounded(model, dtype), d / "model.safetensors")
    keep = ["model_type", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size",
            "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id", "id2label",
            "problem_type"]
    c = config.to_dict()
    c = {k: c[k] for k in keep if c.get(k) is not None and (k != "id2label" or "classif" in extra)}
    (d / "config.json").write_text(json.dumps(c, indent=1) + "\n")
    for file, text in extra.items():
        if "." in file:
            (d / file).parent.mkdir(exist_ok=True)
            (d / file).write_text(text)
    return d


def golden(d, model, t, most, cls, pairs):
    model.eval()
    out = {"texts": [], "pairs": []}
    encoder = model if not pairs else getattr(model, model.base_model_prefix)
    with torch.no_grad():
        for text in TEXTS:
            ids, types = encode(t, most, text)
            h = encoder(torch.tensor([ids]), token_type_ids=torch.tensor([types])).last_hidden_state[0].double()
            v = h[0] if cls else h.mean(0)
            out["texts"].append({"text": text, "ids": ids, "vector": (v / v.norm()).tolist()})
        for a, b in PAIRS if pairs else []:
            ids, types = encode(t, most, a, b)
            logit = model(torch.tensor([ids]), token_type_ids=torch.tensor([types])).logits[0].double()
            prob = torch.sigmoid(logit) if len(logit) == 1 else torch.softmax(logit, 0)
            out["pairs"].append({"first": a, "second": b, "logit": logit.tolist(), "prob": prob.tolist()})
    (d / "golden.json").write_text(json.dumps(out, ensure_ascii=True) + "\n")


class Align(torch.nn.Module):
    """As AlignScore's BERTAlignModel has it: three heads on RoBERTa's pooler, of which the one
    with three labels scores."""
    base_model_prefix = "base_model"

    def __init__(self, config):
        super().__init__()
        self.base_model = RobertaModel(config)
        self.bin_layer = torch.nn.Linear(config.hidden_size, 2)
        self.tri_layer = torch.nn.Linear(config.hidden_size, 3)
        self.reg_layer = torch.nn.Linear(config.hidden_size, 1)

    def forward(self, ids, **more):
        out = self.base_model(ids, **more)
        out.logits = self.tri_layer(out.pooler_output)
        return out


def spread(model):
    """Initial weights are so small that every text would get nearly one vector."""
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(0, 0.4 if p.dim() > 1 else 0.2)
    return model


def main():
    shutil.rmtree(here, ignore_errors=True)
    torch.manual_seed(7)
    sizes = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40)
    lines = "\n".join(PIECES) + "\n"
    pooling = {"1_Pooling/config.json": json.dumps({"word_embedding_dimension": 24, "pooling_mode_cls_token": False,
                                                    "pooling_mode_mean_tokens": True}),
               "sentence_bert_config.json": json.dumps({"max_seq_length": 32, "do_lower_case": False}),
               "tokenizer_config.json": json.dumps({"do_lower_case": True})}
    c = BertConfig(vocab_size=len(PIECES), max_position_embeddings=40, **sizes)
    m = spread(BertModel(c))
    golden(write("bert", c, m, torch.float32, {"vocab.txt": lines, **pooling}), m, wordpiece(), 32, False, False)

    c = BertConfig(vocab_size=len(PIECES), max_position_embeddings=40, hidden_act="relu",
                   id2label={0: "entailment", 1: "neutral", 2: "contradiction"}, **sizes)
    m = spread(BertForSequenceClassification(c))
    d = write("bert-nli", c, m, torch.bfloat16, {"tokenizer.json": wordpiece().to_str(), "classif": ""})
    golden(d, m, wordpiece(), 40, False, True)

    t, vocab, merges = bpe()
    c = RobertaConfig(vocab_size=len(vocab), max_position_embeddings=42, type_vocab_size=1, hidden_act="gelu_new",
                      layer_norm_eps=1e-5, **sizes)
    m = spread(RobertaModel(c, add_pooling_layer=False))
    d = write("roberta", c, m, torch.float16, {
        "vocab.json": json.dumps(vocab), "merges.txt": "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges),
        "1_Pooling/config.json": json.dumps({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})})
    golden(d, m, t, 40, True, False)

    c = RobertaConfig(vocab_size=len(vocab), max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5,
                      id2label={0: "score"}, **sizes)
    m = spread(RobertaForSequenceClassification(c))
    d = write("roberta-score", c, m, torch.float32, {"tokenizer.json": t.to_str(), "classif": ""})
    golden(d, m, t, 40, False, True)

    c = RobertaConfig(vocab_size=len(vocab), max_position_embeddings=42, type_vocab_size=1, layer_norm_eps=1e-5,
                      id2label={0: "aligned", 1: "neutral", 2: "contradicts"}, **sizes)
    m = spread(Align(c))
    d = write("align", c, m, torch.float16, {"tokenizer.json": t.to_str(), "classif": ""})
    golden(d, m, t, 40, False, True)


if __name__ == "__main__":
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    main()
