#!/usr/bin/env python3
"""Writes unicode_tables.c: what the reference tokenizers take each code point for,
asked of the reference itself (Python package tokenizers), since its Unicode versions
differ from property to property.
    python3 make_tables.py > unicode_tables.c"""
import sys

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers


def bert(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**flags, **on})


def ranges(points):
    out = []
    for c in points:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def table(name, points):
    cells = ["{0x%x, 0x%x}" % (a, b) for a, b in ranges(points)]
    lines, line = [], "\t"
    for cell in cells:
        if len(line) + len(cell) > 92:
            lines.append(line.rstrip())
            line = "\t"
        line += cell + ", "
    lines.append(line.rstrip().rstrip(","))
    body = "\n".join(lines)
    print(f"/* clang-format off */\nstatic const enc_range {name}_table[] = {{\n{body}}};\n/* clang-format on */\n")
    print(f"const enc_ranges enc_{name} = {{{name}_table, sizeof {name}_table / sizeof *{name}_table}};\n")


def main():
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    clean, accents = bert(clean_text=True), bert(strip_accents=True)
    cjk, words = bert(handle_chinese_chars=True), pre_tokenizers.BertPreTokenizer()
    split = pre_tokenizers.Split(Regex(r"\p{L}+|\p{N}+|[^\s\p{L}\p{N}]+|\s+"), "isolated")

    def pieces(pre, s):
        return len(pre.pre_tokenize_str(s))

    print("/* Written by make_tables.py from tokenizers %s: not by hand. */" % tokenizers.__version__)
    print('#include "encoder/unicode.h"\n')
    table("dropped", [c for c in points if clean.normalize_str("a" + chr(c) + "b") == "ab"])
    table("punct", [c for c in points if pieces(words, "a" + chr(c) + "b") == 3])
    table("accent", [c for c in points if accents.normalize_str("a" + chr(c) + "b") == "ab"])
    table("ideograph", [c for c in points if cjk.normalize_str(chr(c)) != chr(c)])
    table("letter", [c for c in points if pieces(split, "a" + chr(c)) == 1])
    table("number", [c for c in points if pieces(split, "1" + chr(c)) == 1])


if __name__ == "__main__":
    sys.exit(main())
