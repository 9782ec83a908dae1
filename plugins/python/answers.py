"""What a scoring file is given: the answers to score, in order, and how it is loaded.
Compiled into the plugin; no part of it runs before the cage is closed around it.

Whatever may be needed later is imported here: after opening, no file can be read.
"""
import ast, hashlib, itertools, json, linecache, math, os, random, re, sys, traceback, types, unicodedata
import encodings.ascii, encodings.cp1252, encodings.idna, encodings.latin_1
import encodings.utf_16, encodings.utf_16_le, encodings.utf_16_be, encodings.utf_32, encodings.utf_8_sig

FILE_MAX = 1 << 20
SENTENCE_MAX = 400
numbers = itertools.count()
paths = set()  # of scoring files


class Cancelled(BaseException):
    """The round's time is up. Let it pass."""


class Challenge:
    """What was asked. Views are good until score() returns."""

    __slots__ = ("_raw", "_value")

    def __init__(self, prompt, reference, meta):
        self._raw = {"prompt": prompt, "reference": reference, "meta": meta}
        self._value = {}

    def raw(self, name):
        return self._raw[name]

    def value(self, name):
        if name not in self._value:
            text = str(self._raw[name], "utf-8", "replace")
            try:
                self._value[name] = json.loads(text)
            except (ValueError, RecursionError):
                self._value[name] = text
        return self._value[name]


class Answer:
    """One miner's answer. body is a view of its bytes, good until score() returns."""

    __slots__ = ("body", "challenge", "miner", "latency_ms")

    def __init__(self, body, challenge, miner, latency_ms):
        self.body = body
        self.challenge = challenge
        self.miner = miner
        self.latency_ms = latency_ms

    @property
    def text(self):
        return str(self.body, "utf-8", "replace")

    def json(self):
        """ValueError for everything that is no JSON, or nested too deep."""
        try:
            return json.loads(self.text)
        except RecursionError:
            raise ValueError("nested too deep") from None

    @property
    def array(self):
        numpy = sys.modules.get("numpy")
        if numpy is None:
            raise ImportError("for answer.array, import numpy at the top of the file")
        return numpy.asarray(self.body)

    @property
    def prompt(self):
        return self.challenge.value("prompt")

    @property
    def reference(self):
        return self.challenge.value("reference")

    @property
    def meta(self):
        return self.challenge.value("meta")


class Answers(list):
    """The answers of one call. Going through them asks whether there is still time."""

    __slots__ = ("round", "block", "seed", "cancelled")

    def __iter__(self):
        for answer in list.__iter__(self):
            if self.cancelled():
                raise Cancelled("the round's time is up")
            yield answer


def begin(answers):
    """The same call draws the same numbers, also when it is repeated after a crash."""
    random.seed(answers.seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        numpy.random.seed(int.from_bytes(answers.seed[:4], "little"))


def source_of(path, digest):
    """The bytes that were checked are the bytes that run."""
    with open(path, "rb") as f:
        if os.fstat(f.fileno()).st_mode & 0o002:
            raise PermissionError(f"every user may change {path}: take that right away (chmod o-w)")
        source = f.read(FILE_MAX + 1)
    if len(source) > FILE_MAX:
        raise ValueError(f"{path} is larger than {FILE_MAX >> 10} KiB")
    found = "0x" + hashlib.blake2b(source, digest_size=32).hexdigest()
    if digest not in ("", found):
        raise ValueError(f"{path} has the digest {found}, and the configuration wants {digest}")
    return source


def load(config):
    """The function score of the configured file, and the name of its module."""
    config = json.loads(config)
    path = config["script"]
    source = source_of(path, config["digest"])
    paths.add(path)
    sys.path[:0] = [p for p in config["path"] if p not in sys.path]
    name = f"scoring_{next(numbers)}"
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = path
    try:
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
        if not callable(getattr(module, "score", None)):
            raise TypeError(f"{path} has no function score(answers)")
        if callable(getattr(module, "load", None)):
            module.load(config["options"])
    except BaseException:
        unload(name)
        raise
    return module.score, name


def unload(name):
    sys.modules.pop(name, None)


def sentence(error):
    """Where in a scoring file it happened, and the last line of the traceback."""
    where, at = "", error.__traceback__
    while at is not None:
        path = at.tb_frame.f_code.co_filename
        if path in paths:
            where = f"{path.rpartition('/')[2]} line {at.tb_lineno}: "
        at = at.tb_next
    return (where + traceback.format_exception_only(error)[-1].strip())[:SENTENCE_MAX]
