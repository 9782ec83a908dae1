#!/usr/bin/env python3
"""Timelock commitments against bittensor-drand, both directions.
    timelock.py PROBE [--count N] [--seed N]
PROBE is the program timelock_probe. pip install bittensor-drand==2.0.0 is enough. No network:
the pulses are published ones."""
import argparse
import random
import subprocess
import sys

try:
    import bittensor_drand as theirs
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)

PULSES = {
    1000: "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
    2000: "b6cb8f482a0b15d45936a4c4ea08e98a087e71787caee3f4d07a8a9843b1bc5423c6b3c22f446488b3137eaca799c77e",
}
def ask(probe, what, arg, lines):
    text = "".join(x.hex() + "\n" for x in lines)
    out = subprocess.run([probe, what, str(arg)], input=text, stdout=subprocess.PIPE, check=True, text=True).stdout
    return out.split("\n")[:-1]


def compact(n):
    return bytes([n << 2]) if n < 64 else (n << 2 | 1).to_bytes(2, "little") if n < 1 << 14 else (n << 2 | 2).to_bytes(4, "little")


def wrapped(sealed, number):
    """Their container for files: the commitment as a list of bytes, then the round."""
    return compact(len(sealed)) + sealed + number.to_bytes(8, "little")


def unwrapped(box, length):
    head = compact(length)
    assert box.startswith(head) and len(box) == len(head) + length + 8, "another container"
    return box[len(head):-8]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("probe")
    p.add_argument("--count", type=int, default=1000)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    r = random.Random(a.seed)
    print(f"seed {a.seed}")
    wrong = 0
    for number, signature in PULSES.items():
        n = a.count // 2
        plain = [r.randbytes(r.randrange(0, 4757)) for _ in range(n)]
        ours = [bytes.fromhex(x) for x in ask(a.probe, "encrypt", number, plain)]
        for x, y in zip(plain, ours):
            wrong += theirs.decrypt_with_signature(wrapped(y, number), signature) != x
        boxes = [unwrapped(bytes(theirs.encrypt_at_round(x, number)[0]), len(x) + 244) for x in plain]
        for x, y in zip(plain, ask(a.probe, "open", signature, boxes)):
            wrong += y != x.hex()
        print(f"round {number}: {n} of ours opened by theirs, {n} of theirs by ours, {wrong} wrong so far")
    if wrong:
        sys.exit(f"FAILED: {wrong} differ")
    print("all equal")


main()
