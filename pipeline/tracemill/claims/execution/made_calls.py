"""Calls that no docstring shows: inputs made for a function that can only compute (`purity`).

Input `number` of a function is always the same: what it is made from are the function's signature, annotations,
defaults and body, the calls with plain values in its own module, and the number. Six inputs in a row differ in one
argument only, the first that must be given: so that one can be looked for.

What stands in a call is text of ours, such as `[3, 1, 2]` or `lambda x: x % 2 == 0`, never a record's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from random import Random

from tracemill.claims.execution.calls import Function, FunctionCall, NotFoundError, source_tree
from tracemill.claims.execution.purity import is_pure

TRIES = 48
"""Inputs of one function."""
ALIKE = 6
"""Inputs in a row that differ in one argument."""

_WORDS = tuple(
    "level banana hello world apple kiwi noon abc aabbb data code test step on no pets tree river stone "  # noqa: SIM905
    "cat hat bat act tac Hello World foo_bar fooBar 2024 a1b2c3 x+y (a+b) 10101 ABBA mississippi racecar".split()
)
_UNARY = ["lambda x: x + 1", "lambda x: x * 2", "lambda x: -x", "str", "abs", "lambda x: x % 3"]
_TESTS = ["lambda x: x > 2", "lambda x: x % 2 == 0", "bool", "lambda x: x < 3"]
_BINARY = ["lambda a, b: a + b", "lambda a, b: a * b", "max", "min", "lambda a, b: a - b"]


def _int(rng: Random) -> int:
    return rng.choice([rng.randint(0, 6), rng.randint(2, 20), rng.randint(10, 120), rng.randint(-9, 9)])


def _word(rng: Random) -> str:
    return rng.choice(_WORDS)


def _text(rng: Random) -> str:
    sort = rng.random()
    if sort < 0.45:
        return _word(rng)
    if sort < 0.7:
        return " ".join(_word(rng) for _ in range(rng.randint(2, 3)))
    if sort < 0.85:
        return "".join(rng.choice("aabbcxyz") for _ in range(rng.randint(1, 7)))
    return rng.choice(["", "a,b,c", "1,2,3", "12", "3.5", "a-b_c", "key=value", "/a/b/c", "#ff8800", "MCMXC", "1010"])


def _ints(rng: Random) -> list[int]:
    return [rng.choice([rng.randint(0, 9), rng.randint(-5, 15)]) for _ in range(rng.choice([0, 1, 3, 4, 4, 5, 5, 6]))]


def _words(rng: Random) -> list[str]:
    return [_word(rng) for _ in range(rng.randint(1, 4))]


def _matrix(rng: Random) -> list[list[int]]:
    wide = rng.randint(2, 3)
    return [[rng.randint(0, 6) for _ in range(wide)] for _ in range(rng.choice([wide, 2, 3]))]


def _adjacency(rng: Random) -> dict[int, list[int]]:
    size = rng.randint(3, 5)
    return {n: sorted(rng.sample([k for k in range(size) if k != n], rng.randint(1, 2))) for n in range(size)}


def _edges(rng: Random) -> list[tuple[int, int]]:
    size = rng.randint(3, 6)
    tree = [(rng.randrange(node), node) for node in range(1, size)]
    return sorted({*tree, *(tuple(sorted(rng.sample(range(size), 2))) for _ in range(rng.randint(0, 3)))})  # type: ignore[arg-type]


def _network(rng: Random) -> str:
    return f"nx.{rng.choice(['Graph', 'Graph', 'DiGraph'])}({_edges(rng)})"


_VALUES: dict[str, Callable[[Random], object]] = {
    "int": _int,
    "natural": lambda rng: rng.choice([rng.randint(0, 6), rng.randint(2, 20), rng.randint(10, 60)]),
    "float": lambda rng: rng.choice([0.5, 1.5, 2.0, 2.5, 3.25, -1.5, 10.0, 0.75]),
    "str": _text,
    "word": _word,
    "char": lambda rng: rng.choice("abcxyzABC019 ,-"),
    "ints": _ints,
    "sorted": lambda rng: sorted(_ints(rng)),
    "words": _words,
    "pair": lambda rng: (rng.randint(0, 9), rng.randint(0, 9)),
    "pairs": lambda rng: [(rng.randint(0, 5), rng.randint(0, 9)) for _ in range(rng.randint(1, 4))],
    "matrix": _matrix,
    "nested": lambda rng: rng.choice([[1, [2, 3], [4, [5]]], [[1, 2], [3]], ["a", ["b", "c"]], [[], [1, [2]]]]),
    "dict": lambda rng: {_word(rng): rng.randint(0, 9) for _ in range(rng.randint(1, 3))},
    "dicts": lambda rng: [{"a": rng.randint(0, 3), "b": _word(rng)} for _ in range(rng.randint(1, 3))],
    "graph": _adjacency,
    "tuple": lambda rng: tuple(_ints(rng)),
    "bytes": lambda rng: _word(rng).encode(),
    "bool": lambda rng: rng.random() < 0.5,
}
_CALLABLES = {"unary": _UNARY, "test": _TESTS, "binary": _BINARY}
_ANY = ["ints", "str", "int", "words", "dict", "natural", "matrix", "pair", "float", "nested"]

_LAZY = frozenset(
    {"map", "filter", "zip", "enumerate", "reversed", "iter", "chain", "islice", "takewhile", "dropwhile", "starmap"}
    | {"zip_longest", "accumulate", "compress", "product", "combinations", "permutations", "groupby", "filterfalse"}
    | {"repeat", "pairwise"}
)
_BY_NAME = [
    (r"n|k|m|num|number|count|size|length|limit|width|depth|level|year|month|day|index|i|j|base|digits?", ["natural"]),
    (r"x|y|z|a|b|c|p|q|value|val|target|amount|low|high|lo|hi|start|stop|end|minimum|maximum", ["int", "natural"]),
    (r"s\d?|st|text|string|str\d?|word\d?|name|phrase|sentence|line|pattern|source|message|label|title|token", ["str"]),
    (r"char|ch|sep|delimiter|letter|symbol", ["char", "word"]),
    (r"words|strings|names|lines|strs|tokens|dictionary|labels|parts", ["words", "str"]),
    (r"(nums|lst|arr|array|list\w*|seq\w*|items|xs|values|numbers|data|iterable\d?|coll|it|elements|prices)", ["ints"]),
    (r"intervals|edges|points|pairs|ranges", ["pairs", "matrix"]),
    (r"matrix|grid|board|rows|mat|image|table", ["matrix"]),
    (r"d|dct|dict\w*|mapping|obj|kwargs|options|counts?|attrs|params", ["dict"]),
    (r"graph|adj\w*|tree|dag", ["graph"]),
    (r"records|objs|dicts|collection", ["dicts", "ints"]),
    (r"f|func\w*|fn|iteratee|transform|mapper|callback|callable", ["unary", "binary", "test"]),
    (r"pred\w*|predicate|cond|filter_?\w*", ["test"]),
    (r"key|keyfunc", ["unary", "word", "natural"]),
    (r"binop|op|operation|reducer", ["binary"]),
    (r"is_\w+|has_\w+|reverse|strict|inclusive|flag", ["bool"]),
]
_BY_ANNOTATION = [
    (r"^(t\.|typing\.)?(list|sequence|iterable|collection|iterator)\[(t\.)?(list|sequence|iterable)", ["matrix"]),
    (r"^(t\.|typing\.)?(list|sequence|iterable|collection|iterator)\[(t\.)?tuple", ["pairs"]),
    (r"^(t\.|typing\.)?(list|sequence|iterable|collection|iterator)\[str", ["words"]),
    (r"^(t\.|typing\.)?(list|sequence|iterable|collection|iterator)", ["ints", "sorted", "words"]),
    (r"^(t\.|typing\.)?(dict|mapping)\[\w+, ?(list|set)", ["graph"]),
    (r"^(t\.|typing\.)?(dict|mapping)", ["dict", "graph"]),
    (r"^(t\.|typing\.)?tuple", ["pair", "tuple"]),
    (r"^int", ["natural", "int"]),
    (r"^float|^complex", ["float", "int"]),
    (r"^str", ["str"]),
    (r"^bytes", ["bytes"]),
    (r"^bool", ["bool"]),
    (r"callable", ["unary", "test", "binary"]),
]


def made_call(package: str, function: Function, number: int) -> FunctionCall | None:
    """Input `number` as a call; None where inputs are not made for that function."""
    if not 0 <= number < TRIES or "." in function.qualname:
        return None
    shapes = _shapes(function.module, function.qualname)
    if shapes is None:
        return None
    expression = f"{function.qualname}({', '.join(_arguments(function, shapes, number))})"
    if shapes.lazy:
        expression = f"list({expression})"
    setup = f"from {function.module} import {function.qualname}"
    if "nx." in expression:
        setup = f"import networkx as nx\n{setup}"
    return FunctionCall(package, function, ("input", number), setup, expression)


def _arguments(function: Function, shapes: _Shapes, number: int) -> Iterator[str]:
    seen = shapes.seen
    if seen and number % ALIKE == ALIKE - 1 and number // ALIKE < len(seen):
        yield from seen[number // ALIKE]
        return
    name = f"{function.module}:{function.qualname}"
    same, own = Random(f"{name}/{number // ALIKE}"), Random(f"{name}/{number}/varied")
    varied = next(iter(shapes.required), None)
    for parameter, kinds in shapes.required.items():
        kind = kinds[0] if same.random() < 0.6 else same.choice(kinds)
        yield _value(kind, own if parameter == varied else same)
    for _ in range(same.randint(1, 3) if shapes.rest else 0):
        yield _value(shapes.rest[0] if same.random() < 0.7 else same.choice(shapes.rest), same)
    for parameter, kinds in shapes.optional.items():
        if same.random() < 0.25:
            yield f"{parameter}={_value(same.choice(kinds[:2]), same)}"


def _value(kind: str, rng: Random) -> str:
    if kind == "network":
        return _network(rng)
    return rng.choice(_CALLABLES[kind]) if kind in _CALLABLES else repr(_VALUES[kind](rng))


class _Shapes:
    """The kinds of value that each parameter may take, the likeliest first. `rest`: of `*args`. `seen`: arguments of
    calls in the module itself."""

    def __init__(self, node: ast.FunctionDef, module: ast.Module) -> None:
        arguments = node.args
        plain = [*arguments.posonlyargs, *arguments.args]
        required = plain[: len(plain) - len(arguments.defaults)]
        self.required = {one.arg: _kinds(one, node) for one in required}
        named = zip(plain[len(required) :], arguments.defaults, strict=True)
        keyed = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        self.optional = {
            one.arg: _of_default(default) or _kinds(one, node) for one, default in [*named, *keyed] if default
        }
        self.needs_keyword = any(default is None for default in arguments.kw_defaults)
        self.rest = _kinds(arguments.vararg, node) if arguments.vararg else []
        self.seen = list(_seen(module, node.name))
        self.lazy = any(_gives_lazily(part) for part in ast.walk(node))


@cache
def _shapes(module: str, qualname: str) -> _Shapes | None:
    try:
        node, tree, function = source_tree(module, qualname)
    except NotFoundError:
        return None
    shapes = _Shapes(node, tree)
    given = shapes.required or shapes.rest or shapes.optional
    return shapes if given and not shapes.needs_keyword and is_pure(function) else None


def _gives_lazily(node: ast.AST) -> bool:
    """Whether a function with that part gives its values one after the other."""
    match node:
        case ast.Yield() | ast.Return(value=ast.GeneratorExp()):
            return True
        case ast.Return(
            value=ast.Call(func=ast.Name(id=name) | ast.Attribute(value=ast.Name(id="itertools"), attr=name))
        ):
            return name in _LAZY
        case ast.Return(value=ast.Call(func=ast.Attribute(attr="from_iterable"))):
            return True
    return False


def _kinds(parameter: ast.arg, node: ast.FunctionDef) -> list[str]:
    annotation = ast.unparse(parameter.annotation).lower().strip("'\"") if parameter.annotation else ""
    found = [kind for pattern, kinds in _BY_ANNOTATION if re.search(pattern, annotation) for kind in kinds]
    if parameter.arg in ("G", "H", "B", "T", "G1", "G2"):
        return ["network"]
    if not found:
        found = _of_use(parameter.arg, node)
        found += [kind for pattern, kinds in _BY_NAME if re.fullmatch(pattern, parameter.arg.lower()) for kind in kinds]
        found += _ANY
    return list(dict.fromkeys(found))


def _of_use(name: str, node: ast.FunctionDef) -> list[str]:
    """What the body does with a parameter."""
    found: list[str] = []
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Name(id=called)) if called == name:
                found.append("binary" if len(part.args) > 1 else "unary")
            case ast.Attribute(value=ast.Name(id=used), attr=attr) if used == name:
                if hasattr(str, attr) and not hasattr(list, attr):
                    found.append("str")
                elif hasattr(dict, attr) and not hasattr(list, attr):
                    found.append("dict")
                elif hasattr(list, attr):
                    found.append("ints")
            case ast.BinOp(op=ast.Mod() | ast.FloorDiv() | ast.BitAnd() | ast.RShift(), left=ast.Name(id=used)):
                found += ["natural"] if used == name else []
            case ast.Call(func=ast.Name(id="range"), args=[ast.Name(id=used), *_]) if used == name:
                found.append("natural")
            case ast.Subscript(value=ast.Subscript(value=ast.Name(id=used))) if used == name:
                found.append("matrix")
            case ast.For(iter=ast.Name(id=used), target=ast.Tuple()) if used == name:
                found.append("pairs")
    return found


def _of_default(default: ast.expr) -> list[str]:
    match default:
        case ast.Constant(value=bool()):
            return ["bool"]
        case ast.Constant(value=int()):
            return ["natural", "int"]
        case ast.Constant(value=float()):
            return ["float", "natural"]
        case ast.Constant(value=str()):
            return ["word", "char"]
    return []


def _seen(module: ast.Module, name: str) -> Iterator[list[str]]:
    """The arguments of calls in the module that are all plain values."""
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == name
            and not node.keywords
        ):
            try:
                yield [repr(ast.literal_eval(argument)) for argument in node.args]
            except ValueError:
                continue
