#!/usr/bin/env python3
"""Image measures against scikit-image, ImageHash, pycocotools and scikit-learn.
    image.py PROBE [--count N] [--hostile N] [--seed N]
PROBE is the program image_probe. pip install numpy scikit-image ImageHash
pillow==9.4.0 pycocotools scikit-learn is enough. Prints one line for each comparison; what cannot be compared here is
skipped and says so."""
import argparse
import contextlib
import importlib
import io
import math
import struct
import subprocess
import sys

try:
    import numpy as np
except ImportError as e:
    sys.exit(print(f"skipped: the Python package {e.name} is not installed") or 77)


def have(*names):
    for n in names:
        try:
            importlib.import_module(n)
        except ImportError:
            print(f"skipped: the Python package {n} is not installed")
            return False
    return True


def ask(probe, what, data, size):
    out = subprocess.run([probe, what], input=data, stdout=subprocess.PIPE, check=True).stdout
    return [out[i:i + size] for i in range(0, len(out), size)]


def picture(r, hostile):
    """Noise, gradients, drawings and flat fields; hostile ones are tiny, flat, extreme or odd-sized."""
    w, h = (int(r.integers(11, 16)), int(r.integers(11, 200))) if hostile else (int(r.integers(11, 90)), int(r.integers(11, 90)))
    kind = int(r.integers(0, 5))
    y, x = np.mgrid[0:h, 0:w]
    if kind == 0:
        a = r.integers(0, 256, (h, w, 3))
    elif kind == 1:
        a = np.stack([x * 255 // max(1, w - 1), y * 255 // max(1, h - 1), (x + y) % 256], -1)
    elif kind == 2:
        a = np.full((h, w, 3), int(r.integers(0, 256))) if not hostile else np.full((h, w, 3), int(r.choice([0, 255])))
    elif kind == 3:
        a = ((x // 3 + y // 5) % 2 * 255)[..., None].repeat(3, -1)
    else:
        a = np.clip(128 + 90 * np.sin(x / 5)[..., None] * np.cos(y / 7)[..., None] + r.normal(0, 9, (h, w, 3)), 0, 255)
    return np.ascontiguousarray(a.astype(np.uint8))


def other(r, a):
    b = a.astype(float) + r.normal(0, float(r.choice([0, 1, 10, 60])), a.shape)
    return np.clip(b, 0, 255).astype(np.uint8) if r.random() < 0.9 else 255 - a


def pairs(probe, r, count, hostile):
    if not have("skimage"):
        return 0
    from skimage.metrics import mean_squared_error, structural_similarity
    cases = []
    for i in range(count + hostile):
        a = picture(r, i >= count)
        cases.append((a, other(r, a)))
    data = b"".join(struct.pack("<II", a.shape[1], a.shape[0]) + a.tobytes() + b.tobytes() for a, b in cases)
    worst = 0
    for (a, b), got in zip(cases, ask(probe, "pairs", data, 32)):
        mse, ssim, _, _ = struct.unpack("<4d", got)
        want = np.mean([structural_similarity(a[..., c], b[..., c], gaussian_weights=True, sigma=1.5,
                                              use_sample_covariance=False, data_range=255) for c in range(3)])
        worst = max(worst, abs(mse - mean_squared_error(a, b)), abs(ssim - want))
    print(f"MSE and SSIM, scikit-image: {len(cases)} pairs, worst difference {worst:.3g}")
    return worst > 1e-9


def hashes(probe, r, count, hostile):
    if not have("PIL", "imagehash"):
        return 0
    import imagehash
    import PIL
    from PIL import Image
    if not PIL.__version__.startswith("9."):
        print(f"skipped: hashes; the filter of Pillow {PIL.__version__} rounds apart from that of 9.4 (pip install pillow==9.4.0)")
        return 0
    # a flat picture has no bits to compare
    cases = [p for p in (picture(r, i >= count) for i in range(count + hostile)) if p.std() > 2]
    data = b"".join(struct.pack("<II", a.shape[1], a.shape[0]) + a.tobytes() for a in cases)
    far = {"average_hash": 0, "dhash": 0, "phash": 0}
    for a, got in zip(cases, ask(probe, "hashes", data, 32)):
        image = Image.fromarray(a)
        for name, bits in zip(far, struct.unpack("<4Q", got)):
            want = int(str(getattr(imagehash, name)(image)), 16)
            far[name] += bin(want ^ bits).count("1") > 2
    print(f"hashes, ImageHash: {len(cases)} pictures, more than two bits apart: {far}")
    # periodic pictures have coefficients of 0 whose sign is noise in the library
    return far["average_hash"] + far["dhash"] > 0 or far["phash"] > len(cases) // 4


def boxes(r, hostile):
    # no box without an area: against a crowd the library makes 0/0 of it, which matches; the plugin drops it
    images, classes = int(r.integers(1, 5)), int(r.integers(1, 4))
    def box():
        if hostile and r.random() < 0.2:
            return [float(r.integers(-50, 50)), 0.0, float(r.choice([0.25, 1e4])), float(r.choice([1e-3, 5]))]
        return [float(r.integers(0, 60)), float(r.integers(0, 60)), float(r.integers(1, 60)), float(r.integers(1, 60))]
    truth = [[int(r.integers(images)), int(r.integers(classes))] + box() + [float(r.random() < 0.1)]
             for _ in range(int(r.integers(0, 15)))]
    det = []
    for _ in range(int(r.integers(0, 250 if hostile else 40))):
        if truth and r.random() < 0.7:
            t = truth[int(r.integers(len(truth)))]
            b = [v + float(r.integers(-4, 5)) for v in t[2:6]]
            b[2:] = [max(v, 0.5) for v in b[2:]]
            det.append([t[0], t[1] if r.random() < 0.9 else int(r.integers(classes))] + b)
        else:
            det.append([int(r.integers(images)), int(r.integers(classes))] + box())
        det[-1].append(float(r.choice([0.1, 0.5, 0.5, 0.9, r.random()])))
    return images, classes, truth, det


def coco(images, classes, truth, det):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = {"images": [{"id": i} for i in range(images)], "categories": [{"id": k} for k in range(classes)],
                      "annotations": [{"id": n + 1, "image_id": t[0], "category_id": t[1], "bbox": t[2:6],
                                       "area": t[4] * t[5], "iscrowd": int(t[6])} for n, t in enumerate(truth)]}
        gt.createIndex()
        dt = gt.loadRes([{"image_id": d[0], "category_id": d[1], "bbox": d[2:6], "score": d[6]} for d in det])
        e = COCOeval(gt, dt, "bbox")
        e.evaluate()
        e.accumulate()
        e.summarize()
    return [e.stats[0], e.stats[1], e.stats[2], e.stats[8]]


def detect(probe, r, count, hostile):
    if not have("pycocotools"):
        return 0
    # the library cannot load an empty list of detections
    cases = [c for c in (boxes(r, i >= count) for i in range(count + hostile)) if c[3]]
    data = b"".join(struct.pack("<3I", c[1], len(c[2]), len(c[3])) +
                    b"".join(struct.pack("<7d", *row) for row in c[2] + c[3]) for c in cases)
    worst = 0
    for c, got in zip(cases, ask(probe, "detect", data, 32)):
        worst = max([worst] + [abs(a - b) for a, b in zip(struct.unpack("<4d", got), coco(*c))])
    print(f"detection, pycocotools: {len(cases)} scenes, worst difference {worst:.3g}")
    return worst > 1e-9


def labels(probe, r, count, hostile):
    if not have("sklearn"):
        return 0
    import warnings
    from sklearn import metrics as m
    warnings.simplefilter("ignore")
    cases = []
    for i in range(count + hostile):
        classes = int(r.integers(2, 12))
        n = int(r.integers(1, 4 if i >= count else 60))
        t = r.integers(0, classes if i < count else 2, n)
        cases.append((classes, t, np.where(r.random(n) < 0.5, t, r.integers(0, classes, n))))
    data = b"".join(struct.pack("<II", len(t), k) + t.astype("<u4").tobytes() + s.astype("<u4").tobytes() for k, t, s in cases)
    worst = 0
    for (k, t, s), got in zip(cases, ask(probe, "labels", data, 48)):
        every = list(range(k))
        want = [m.accuracy_score(t, s), m.balanced_accuracy_score(t, s), m.f1_score(t, s, labels=every, average="macro", zero_division=0),
                m.f1_score(t, s, labels=every, average="weighted", zero_division=0), m.cohen_kappa_score(t, s, labels=every),
                m.matthews_corrcoef(t, s)]
        for a, b in zip(struct.unpack("<6d", got), want):
            if not (math.isnan(a) and math.isnan(b)):
                worst = max(worst, abs(a - b))
    print(f"labels, scikit-learn: {len(cases)} sets, worst difference {worst:.3g}")
    return not worst <= 1e-9


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("probe")
    p.add_argument("--count", type=int, default=2000)
    p.add_argument("--hostile", type=int, default=200)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    r = np.random.default_rng(a.seed)
    bad = [f(a.probe, r, a.count, a.hostile) for f in (pairs, hashes, detect, labels)]
    sys.exit(any(bad))


if __name__ == "__main__":
    main()
