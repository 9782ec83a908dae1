#!/usr/bin/env python3
"""The ranking plugin in the profile trec_eval against pytrec_eval (trec_eval's own C),
scikit-learn and scipy.
    ranking.py ASSAY PLUGIN.so [--count N] [--hostile N] [--seed N]
ASSAY is the program assay. Every query goes through `assay score`, so that what is compared
is what ships. Parity is an absolute difference of at most 1e-9."""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    import numpy as np
    import pytrec_eval
    from scipy.stats import kendalltau
    from sklearn.metrics import dcg_score, ndcg_score
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)

DEPTH = 10
NAMES = ["é", "日本語", "ß", "Ω", "a b", "x/y?z=1", "\U0001f600", "..", "0", "-1", "\u200b", "ﬁ", "İ"]


def random_query(r):
    """Documents with grades, and a list of some of them."""
    n = r.randint(1, 40)
    grades = {f"d{i}": r.choice([0, 0, 0, 1, 1, 2, 3]) for i in range(n)}
    ids = list(grades)
    r.shuffle(ids)
    return grades, ids[: r.randint(1, n)]


def hostile_query(r, i):
    kind = i % 8
    if kind == 0:  # one document
        return {"only": r.choice([1, 3])}, ["only"]
    if kind == 1:  # large grades
        g = {f"d{k}": r.choice([0, 1, 30, 1000, 10**6]) for k in range(12)}
    elif kind == 2:  # negative grades
        g = {f"d{k}": r.choice([-2, -1, 0, 1, 2]) for k in range(12)}
    elif kind == 3:  # ids of every kind, unequal after NFC
        g = {unicodedata.normalize("NFC", f"{x}{k}"): r.choice([0, 1, 2]) for k, x in enumerate(NAMES)}
    elif kind == 4:  # a long list
        g = {f"d{k}": r.choice([0] * 9 + [1, 2]) for k in range(1000)}
    elif kind == 5:  # everything relevant
        g = {f"d{k}": r.choice([1, 2]) for k in range(r.randint(2, 30))}
    elif kind == 6:  # one relevant, ranked last
        n = r.randint(2, 60)
        return {f"d{k}": int(k == n - 1) for k in range(n)}, [f"d{k}" for k in range(n)]
    else:  # ids that differ in case or white space only
        g = {x: r.choice([0, 1, 3]) for x in ["a", "A", "a ", " a", "á", "a\t", "aa", "AA", "aA"]}
    ids = list(g)
    r.shuffle(ids)
    return g, ids[: r.randint(1, len(ids))]


def score(assay, plugin, queries):
    config = {"profile": "trec_eval", "depth": DEPTH, "gain": "linear", "limits": {"bytes": 4194304}}
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as f:
        for grades, order in queries:
            line = {"prompt": {"documents": [{"id": d} for d in grades]}, "reference": {"relevance": grades},
                    "responses": [{"miner": 1, "body": json.dumps({"ranking": order})}]}
            f.write(json.dumps(line) + "\n")
        f.flush()
        out = subprocess.run([assay, "score", "--plugin", plugin, "--in-process", "--explain", "--json",
                              "--config", json.dumps(config), f.name], check=True, capture_output=True, text=True)
    return [c["responses"][0] for c in json.loads(out.stdout)["challenges"]]


def expected(grades, order):
    qrel = {"q": {d: int(g) for d, g in grades.items()}}
    run = {"q": {d: float(len(order) - i) for i, d in enumerate(order)}}
    measures = {f"ndcg_cut.{DEPTH}", f"recall.{DEPTH}", f"P.{DEPTH}", f"success.{DEPTH}", "map", "recip_rank"}
    t = pytrec_eval.RelevanceEvaluator(qrel, measures).evaluate(run)["q"]
    first = t["recip_rank"] if t["recip_rank"] >= 1 / DEPTH else 0.0
    want = {"ndcg_linear": t[f"ndcg_cut_{DEPTH}"], "recall": t[f"recall_{DEPTH}"], "precision": t[f"P_{DEPTH}"],
            "success": t[f"success_{DEPTH}"], "ap": t["map"], "mrr": first}
    if len(order) == len(grades) > 1 and min(grades.values()) >= 0:
        y = np.array([[grades[d] for d in order]], dtype=float)
        s = np.array([[float(len(order) - i) for i in range(len(order))]])
        want["sklearn"] = ndcg_score(y, s, k=DEPTH, ignore_ties=True)
        if max(grades.values()) <= 30:
            gain = 2.0 ** y - 1
            ideal = dcg_score(gain, gain, k=DEPTH, ignore_ties=True)
            want["ndcg_exp"] = dcg_score(gain, s, k=DEPTH, ignore_ties=True) / ideal if ideal > 0 else 0.0
    head = [grades[d] for d in order[:DEPTH]]
    tau = kendalltau([-i for i in range(len(head))], head).statistic if len(head) > 1 else float("nan")
    want["kendall"] = None if np.isnan(tau) else tau
    return want


def compare(queries, rows, what):
    worst, figures, failed = {}, 0, 0
    for (grades, order), row in zip(queries, rows):
        if max(grades.values()) <= 0:  # the plugin abstains where nothing is relevant
            failed += row["flag"] != "abstain"
            continue
        for name, want in expected(grades, order).items():
            key = "ndcg_linear" if name == "sklearn" else name
            got = (row.get("components") or {}).get(key)
            figures += 1
            gap = 0.0 if want is None and got is None else abs(got - want) if None not in (got, want) else 1e99
            worst[name] = max(worst.get(name, 0.0), gap)
            if gap > 1e-9:
                failed += 1
                if failed < 5:
                    print(f"FAIL {what}: {name} is {got}, expected {want}; grades {grades}, list {order}"[:600])
    print(f"{what}: {len(queries)} queries, {figures} figures, {failed} failed; largest difference "
          + ", ".join(f"{k} {v:.1e}" for k, v in sorted(worst.items())))
    return failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument("assay")
    p.add_argument("plugin")
    p.add_argument("--count", type=int, default=2000)
    p.add_argument("--hostile", type=int, default=200)
    p.add_argument("--seed", type=int, default=20261129)
    a = p.parse_args()
    r = random.Random(a.seed)
    random_ones = [random_query(r) for _ in range(a.count)]
    hostile = [hostile_query(r, i) for i in range(a.hostile)]
    failed = compare(random_ones, score(a.assay, a.plugin, random_ones), "random")
    failed += compare(hostile, score(a.assay, a.plugin, hostile), "hostile")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
