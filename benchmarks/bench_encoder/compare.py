#!/usr/bin/env python3
"""The encoder against PyTorch and onnxruntime, one thread each, in turns, as JSON.
    compare.py BENCH MODEL [--texts 32] [--words 30] [--rounds 8] [--cpu avx2]
BENCH is the program bench_encoder, MODEL a folder with a BERT encoder. Figures are rows a
second of processor time, the median of all runs. The others get token ids; the encoder
gets texts, so its figure includes the tokens. Needs the Python packages torch,
transformers and tokenizers; onnxruntime, onnx and onnxscript where that is to be compared."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)  # they slow the others down
os.environ["TRANSFORMERS_VERBOSITY"] = "error"
try:
    import torch
    from transformers import AutoModel
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)
torch.set_num_threads(1)


def timed(call, runs):
    out = []
    for _ in range(runs):
        t = time.process_time()
        call()
        out.append((time.process_time() - t) * 1e3)
    return out


def with_torch(model, ids, mask):
    def call():
        with torch.inference_mode():
            h = model(input_ids=ids, attention_mask=mask).last_hidden_state
            torch.nn.functional.normalize(h.mean(1))
    return call


def with_onnxruntime(model, ids, mask):
    """The graph that PyTorch exports, made as fast as onnxruntime's own optimizer makes it."""
    try:
        import onnxruntime as ort
        from onnxruntime.transformers import optimizer
    except ImportError as e:
        print(f"skipped: onnxruntime: the Python package {e.name} is not installed", file=sys.stderr)
        return None, None
    folder = tempfile.mkdtemp()
    plain, fused = f"{folder}/plain.onnx", f"{folder}/fused.onnx"

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.m = model

        def forward(self, input_ids, attention_mask):
            return self.m(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    torch.onnx.export(Encoder(), (ids, mask), plain, dynamo=True, verbose=False)
    c = model.config
    best = optimizer.optimize_model(plain, "bert", num_heads=c.num_attention_heads, hidden_size=c.hidden_size)
    best.save_model_to_file(fused)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(fused, options, providers=["CPUExecutionProvider"])
    feed = {i.name: v.numpy() for i, v in zip(session.get_inputs(), (ids, mask))}
    return (lambda: session.run(None, feed)), best.get_fused_operator_statistics()


def with_assay(args):
    command = [args.bench, args.model, "--texts", str(args.texts), "--words", str(args.words), "--runs", "3"]
    r = subprocess.run(command + (["--cpu", args.cpu] if args.cpu else []), stdout=subprocess.PIPE, check=True)
    return json.loads(r.stdout)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("bench")
    p.add_argument("model")
    p.add_argument("--texts", type=int, default=32)
    p.add_argument("--words", type=int, default=30)
    p.add_argument("--rounds", type=int, default=8)
    p.add_argument("--cpu", default="")
    args = p.parse_args()
    model = AutoModel.from_pretrained(args.model, attn_implementation="sdpa").eval()
    ids = torch.randint(1000, model.config.vocab_size, (args.texts, args.words + 2))
    mask = torch.ones_like(ids)
    calls = {"torch": with_torch(model, ids, mask)}
    ort_call, fused = with_onnxruntime(AutoModel.from_pretrained(args.model, attn_implementation="eager").eval(), ids, mask)
    if ort_call is not None:
        calls["onnxruntime"] = ort_call
    ms = {name: [] for name in ["assay", *calls]}
    variant = ""
    for call in calls.values():
        call()
    for _ in range(args.rounds):
        got = with_assay(args)
        variant = got["cpu"]
        ms["assay"] += got["ms"]
        for name, call in calls.items():
            ms[name] += timed(call, 3)
    rows = {name: round(args.texts * 1e3 / statistics.median(v), 2) for name, v in ms.items()}
    print(json.dumps({"model": pathlib.Path(args.model).name, "texts": args.texts, "tokens": args.words + 2,
                      "variant": variant, "rows_per_s": rows,
                      "ratio": {name: round(rows["assay"] / rows[name], 3) for name in calls},
                      "torch": torch.__version__, "torch_cpu": torch.backends.cpu.get_cpu_capability(),
                      "onnxruntime_fused": fused}))


if __name__ == "__main__":
    main()
