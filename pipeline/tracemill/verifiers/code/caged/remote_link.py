"""Two programs that talk over a descriptor: messages of JSON, each with its length before it.

Values of exact built-in types travel as copies. Anything else stays where it is, and a handle travels: its owner does
what it is asked by that handle. Exceptions travel by the name of a built-in type and their text.

Each side decodes into built-in types and its own proxies, and executes no code of the other's. What the candidate may
ask of what belongs to the tests is little (`_allowed`): to call what it was given, to go through it, and attributes of
instances of the tests' own classes.
"""

import base64
import builtins
import collections
import contextlib
import json
import os

DESCRIPTOR = 3
MOST_BYTES = 16 << 20
MOST_DEPTH = 100
_HEAD = 4
_TEXT = 2000


class PartnerGone(Exception):
    """The other program ended, or sent something that is no message."""


class PartnerError(Exception):
    """The other program raised something that is no built-in exception."""


class Link:
    """`serve`: carries out a request of the other's, as a function of this link and the message. `in_place`: whether
    what a call made of its arguments is copied back into them."""

    def __init__(self, serve, make_remote, in_place=False):
        self.objects = {}
        self.exceptions = {}
        self.own_words = 0
        self.in_place = in_place
        self._serve = serve
        self._make_remote = make_remote

    def ask(self, message):
        """The other's reply; meanwhile it may ask in turn.

        Raises what the other raised.
        """
        self.send(message)
        while True:
            reply = self.receive()
            if "do" not in reply:
                return self._result(reply)
            self.answer(reply)

    def answer(self, message):
        try:
            reply = self._serve(self, message)
        except PartnerGone:
            raise
        except BaseException as exc:  # noqa: BLE001  it travels
            reply = {"raised": described(exc)}
        try:
            self.send(reply)
        except (ValueError, RecursionError) as exc:
            self.send({"raised": described(exc)})

    def _result(self, reply):
        if "raised" in reply:
            raised = self._exception(reply["raised"])
            raised.tracemill_partner = True
            raise raised
        return reply

    def _exception(self, raised):
        try:
            name, text, own = (str(part) for part in raised)
        except (TypeError, ValueError):
            raise PartnerGone("no message") from None
        if own in self.exceptions:
            return self.exceptions[own](text)
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, (Exception, SystemExit)):
            with contextlib.suppress(TypeError):
                return kind(text)
        return PartnerError(f"{name}: {text}")

    def send(self, message):
        data = json.dumps(message).encode("ascii")
        if len(data) > MOST_BYTES:
            raise ValueError(f"a value of {len(data)} bytes, of which {MOST_BYTES} can travel")
        view = memoryview(len(data).to_bytes(_HEAD, "big") + data)
        try:
            while view:
                view = view[os.write(DESCRIPTOR, view) :]
        except OSError as exc:
            raise PartnerGone("it has ended") from exc

    def receive(self):
        length = int.from_bytes(self._bytes(_HEAD), "big")
        if length > MOST_BYTES:
            raise PartnerGone("a message that is too long")
        try:
            message = json.loads(self._bytes(length))
        except (ValueError, RecursionError) as exc:
            raise PartnerGone("no message") from exc
        if not isinstance(message, dict):
            raise PartnerGone("no message")
        return message

    def _bytes(self, count):
        data = b""
        while len(data) < count:
            try:
                part = os.read(DESCRIPTOR, count - len(data))
            except OSError:
                part = b""
            if not part:
                raise PartnerGone("it has ended")
            data += part
        return data

    def encode(self, value, depth=0):
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind in _PLAIN:
            return _PLAIN[kind](value)
        if depth > MOST_DEPTH:
            raise ValueError(f"a value is nested more than {MOST_DEPTH} deep")
        if kind in (collections.Counter, collections.defaultdict, collections.OrderedDict):
            value, kind = dict(value), dict
        if kind in _ROWS:
            return {kind.__name__: [self.encode(item, depth + 1) for item in value]}
        if kind is dict:
            pairs = [[self.encode(key, depth + 1), self.encode(item, depth + 1)] for key, item in value.items()]
            return {"dict": pairs}
        link = object.__getattribute__(value, "_tracemill_link") if getattr(kind, "tracemill_proxy", False) else None
        if link is self:
            return {"yours": object.__getattribute__(value, "_tracemill_number")}
        if kind is type and getattr(builtins, str(value.__name__), None) is value:
            return {"builtin": value.__name__}
        self.objects[id(value)] = value
        return {"mine": id(value), "type": str(kind.__name__)[:100]}

    def decode(self, data):
        if data is None or type(data) in (bool, str):
            return data
        if not isinstance(data, dict) or len(data) not in (1, 2):
            raise PartnerGone("no value")
        if "mine" in data:
            return self._make_remote(self, int(data["mine"]), str(data.get("type")))
        ((kind, content),) = data.items()
        try:
            if kind in _BY_NAME:
                return _BY_NAME[kind](self.decode(item) for item in content)
            if kind == "dict":
                return {self.decode(key): self.decode(item) for key, item in content}
            if kind == "yours":
                return self.objects[content]
            return _DECODE[kind](content)
        except (TypeError, ValueError, KeyError, AttributeError) as exc:
            raise PartnerGone("no value") from exc


def described(exc):
    """An exception as [name of its nearest built-in type, text, name of its own type]."""
    kinds = type(exc).__mro__
    name = next(kind.__name__ for kind in kinds if getattr(builtins, kind.__name__, None) is kind)
    try:
        text = str(exc)[:_TEXT]
    except BaseException:  # noqa: BLE001  its __str__ is the author's
        text = ""
    return [name, text, type(exc).__name__]


def _hexadecimal(value):
    return {"int": hex(value)}


_PLAIN = {
    int: _hexadecimal,
    float: lambda value: {"float": value.hex()},
    complex: lambda value: {"complex": [value.real.hex(), value.imag.hex()]},
    bytes: lambda value: {"bytes": base64.b64encode(value).decode("ascii")},
    bytearray: lambda value: {"bytearray": base64.b64encode(value).decode("ascii")},
    range: lambda value: {"range": [hex(value.start), hex(value.stop), hex(value.step)]},
    type(...): lambda value: {"ellipsis": None},
}
_ROWS = (list, tuple, set, frozenset)
_BY_NAME = {kind.__name__: kind for kind in _ROWS}


def _builtin_type(name):
    found = getattr(builtins, name)
    if not isinstance(found, type):
        raise TypeError("only types are named")
    return found


_DECODE = {
    "builtin": _builtin_type,
    "int": lambda content: int(content, 16),
    "float": float.fromhex,
    "complex": lambda content: complex(*map(float.fromhex, content)),
    "bytes": base64.b64decode,
    "bytearray": lambda content: bytearray(base64.b64decode(content)),
    "range": lambda content: range(*(int(part, 16) for part in content)),
    "ellipsis": lambda content: ...,
}
