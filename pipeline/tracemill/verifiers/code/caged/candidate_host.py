"""Beside the candidate: executes its program as the module `solution`, and carries out what the tests ask.

Nothing here is a defence: the candidate may change all of it, and so answer what it likes, as it may in any function.
"""

import importlib
import operator
import sys
import types

from remote_link import DESCRIPTOR, Link, PartnerGone, described


def make_remote(link, number, _name):
    """What belongs to the tests, as the candidate has it: it can be called, gone through and read."""
    return TestsObject(link, number)


class TestsObject:
    tracemill_proxy = True

    def __init__(self, link, number):
        object.__setattr__(self, "_tracemill_link", link)
        object.__setattr__(self, "_tracemill_number", number)

    def __call__(self, *arguments, **keywords):
        return ask(self, "call", arguments, keywords)

    def __getattr__(self, name):
        return ask(self, "get", (name,))


def ask(remote, what, arguments=(), keywords=None):
    link = object.__getattribute__(remote, "_tracemill_link")
    reply = link.ask(
        {
            "do": what,
            "of": object.__getattribute__(remote, "_tracemill_number"),
            "arguments": [link.encode(one) for one in arguments],
            "keywords": {name: link.encode(one) for name, one in (keywords or {}).items()},
        }
    )
    return link.decode(reply["value"])


def _special(name):
    def method(self, *arguments):
        return ask(self, "special", (name, *arguments))

    return method


for _name in (
    *("__iter__", "__next__", "__len__", "__getitem__", "__contains__", "__eq__", "__ne__", "__lt__", "__le__"),
    *("__gt__", "__ge__", "__bool__", "__str__", "__int__", "__float__", "__add__", "__sub__", "__mul__", "__hash__"),
):
    setattr(TestsObject, _name, _special(_name))


def serve(link, message):
    """One request: the value, and the arguments as they are after it."""
    what = message["do"]
    if what == "names":
        module = importlib.import_module(message["module"]) if "module" in message else program
        names = public(module)
        return {"value": {"dict": [[name, link.encode(value)] for name, value in names.items()]}, **kinds(names)}
    target = link.objects[message["of"]]
    arguments = [link.decode(one) for one in message.get("arguments", ())]
    keywords = {name: link.decode(one) for name, one in message.get("keywords", {}).items()}
    value = DO[what](target, *arguments, **keywords)
    reply = {"value": link.encode(value)}
    if link.in_place and what == "call":
        reply["after"] = [link.encode(one) for one in arguments]
    return reply


def special(target, name, *arguments):
    """As the interpreter calls such a method: on the type."""
    if name in BY_OPERATOR:
        return BY_OPERATOR[name](target, *arguments)
    return getattr(type(target), name)(target, *arguments)


BY_OPERATOR = {
    "__iter__": iter, "__next__": next, "__len__": len, "__str__": str, "__repr__": repr, "__bool__": bool,
    "__hash__": hash, "__contains__": operator.contains, "__int__": int, "__float__": float, "__abs__": abs,
    "__getitem__": operator.getitem, "__setitem__": operator.setitem, "__delitem__": operator.delitem,
    "__eq__": operator.eq, "__lt__": operator.lt, "__le__": operator.le, "__gt__": operator.gt, "__ge__": operator.ge,
    "__add__": operator.add, "__sub__": operator.sub, "__mul__": operator.mul, "__truediv__": operator.truediv,
    "__floordiv__": operator.floordiv, "__mod__": operator.mod, "__pow__": operator.pow, "__neg__": operator.neg,
    "__and__": operator.and_, "__or__": operator.or_, "__xor__": operator.xor, "__matmul__": operator.matmul,
    "__invert__": operator.invert,
}  # fmt: skip
DO = {
    "call": lambda target, *arguments, **keywords: target(*arguments, **keywords),
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "isinstance": lambda target, value: isinstance(value, target),
    "special": special,
}

program = types.ModuleType("solution")


def public(module):
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}


def kinds(names):
    """The candidate's own exceptions, which the tests have to be able to catch."""
    own = {name: value for name, value in names.items() if isinstance(value, type) and issubclass(value, Exception)}
    return {"exceptions": [[name, described(value())[0]] for name, value in own.items() if makes_one(value)]}


def makes_one(kind):
    try:
        kind()
    except Exception:  # noqa: BLE001  one that needs arguments is raised by the name of its built-in type
        return False
    return True


def main():
    link = Link(serve, make_remote, in_place="in_place" in sys.argv)
    sys.modules["solution"] = program
    failure = None
    try:
        with open("candidate.py", "rb") as file:
            exec(compile(file.read(), "candidate.py", "exec", dont_inherit=True), vars(program))
    except BaseException as exc:  # noqa: BLE001  the tests have to know
        failure = described(exc)
    try:
        while True:
            message = link.receive()
            if failure:
                link.send({"raised": failure})
            else:
                link.answer(message)
    except PartnerGone:
        pass


if __name__ == "__main__":
    assert DESCRIPTOR == 3
    main()
