"""Formulas are read as trees, matched, and written so that they can be read back."""

from __future__ import annotations

from random import Random

import pytest
from databases import FOLDER, needs_databases
from tracemill.metamath.database_reader import read_database
from tracemill.metamath.grammar import MAX_DEPTH, Grammar, Production, filled, match, variables
from tracemill.metamath.logical_steps import PROVABLE, Logic
from tracemill.metamath.writing import read_back, written
from tracemill.tasks.metamath.notation import content, glued, symbols_of, variable_symbol

TYPES = {"ph": "wff", "ps": "wff", "x": "setvar", "A": "class", "B": "class", "a": "term", "b": "term"}
AXIOMS = ["wi wff ( ph -> ps )", "wn wff -. ph", "wceq wff A = B", "cv class x", "cpr class { A , B }", "n term a '"]
AXIOMS += ["eq wff a == b", "and term ( a ^ b )"]


def grammar(*more: str) -> Grammar:
    productions = []
    for label, kind, *symbols in map(str.split, [*AXIOMS, *more]):
        productions.append(
            Production(label, kind, tuple(symbols), {one: TYPES[one] for one in symbols if one in TYPES})
        )
    return Grammar(productions, TYPES)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("ph", "ph"),
        ("( ph -> -. ps )", ("wi", "ph", ("wn", "ps"))),
        ("{ x , A } = A", ("wceq", ("cpr", ("cv", "x"), "A"), "A")),
        ("a ' ' == ( a ^ b ) '", ("eq", ("n", ("n", "a")), ("n", ("and", "a", "b")))),
        ("( ph -> ps", None),
        ("( ph -> A )", None),
        ("x", None),
        ("", None),
        ("ph ps", None),
        ("-. " * 5_000 + "ph", None),
    ],
)
def test_a_formula_is_a_tree_or_none(text: str, tree: object) -> None:
    found = grammar().parse("wff", text.split())
    assert found == tree
    if found is not None:
        assert grammar().tokens(found) == text.split()


@pytest.mark.parametrize(
    "nested",
    [
        lambda depth: "-. " * depth + "ph",
        lambda depth: "a " + "' " * (depth - 1) + "== b",
        lambda depth: "( ph -> " * depth + "ph" + " )" * depth,
    ],
)
def test_a_formula_is_read_up_to_some_depth(nested) -> None:
    tree = grammar().parse("wff", nested(MAX_DEPTH).split())
    assert tree is not None and grammar().tokens(tree) == nested(MAX_DEPTH).split()
    assert grammar().parse("wff", nested(MAX_DEPTH + 1).split()) is None


@pytest.mark.parametrize(
    "text",
    [
        "< ph ps ph ps ph ps ph " * 140 + "ph" + " >" * 140,
        "ph o " * 300 + "ph",
        "a " + "' " * 5_000 + "== b",
        "long " + "ph " * 2_000,
    ],
)
def test_a_formula_of_too_many_parts_one_within_the_other_is_not_read(text: str) -> None:
    """Where nothing bounds them, the calls of the parser, or of what compares such trees, end at Python's own limit."""
    many = grammar("eight wff < ph ps ph ps ph ps ph ps >", "o wff ph o ps", "long wff long " + "ph " * 2_000)
    assert many.parse("wff", text.split()) is None


def test_a_pattern_matches_its_instances_only() -> None:
    values: dict[str, object] = {}
    pattern, instance = ("wi", "ph", ("wi", "ps", "ph")), ("wi", ("wn", "ps"), ("wi", "ph", ("wn", "ps")))
    assert match(pattern, instance, values)  # type: ignore[arg-type]
    assert values == {"ph": ("wn", "ps"), "ps": "ph"}
    assert filled(pattern, values) == instance  # type: ignore[arg-type]
    assert variables(instance) == {"ph", "ps"}
    assert not match(pattern, ("wi", "ph", ("wi", "ps", "ps")), {})


@needs_databases
@pytest.mark.parametrize("name", ["iset.mm", "ql.mm"])
def test_every_formula_of_a_database_is_read_and_what_is_written_of_it_can_be_read_back(name: str) -> None:
    logic = Logic(read_database(FOLDER / name))
    database, known = logic.database, symbols_of(name)
    symbols = {token: known[token] for token in database.constants if token in known}
    symbols |= {token: variable_symbol(token) for token in database.types}
    assert len(set(symbols.values())) == len(symbols)
    assert not [token for token, symbol in symbols.items() if symbol != token and symbol in symbols]
    rng, told = Random(1), 0
    for assertion in database.assertions:
        if assertion.formula[0] != PROVABLE:
            continue
        tree = logic.tree(assertion)
        assert tuple(logic.grammar.tokens(tree)) == assertion.formula[1:]
        if all(token in symbols for token in assertion.formula[1:]):
            text = written(assertion.formula[1:], symbols, glued())
            spaced = text if "(,)" in text else text.replace("(", rng.choice(["(", "( "]))
            assert read_back(text, symbols) == read_back(spaced, symbols) == list(assertion.formula[1:])
            assert read_back(" ".join(assertion.formula[1:]), symbols) == list(assertion.formula[1:])
            told += 1
    assert told > 1_000


@needs_databases
def test_every_wording_is_of_a_notation_of_some_database() -> None:
    logics = [Logic(read_database(FOLDER / name)) for name in ("set.mm", "iset.mm", "ql.mm")]
    for section in ("joins", "sentences", "nouns"):
        for pattern in content()[section]:
            kind, *symbols = pattern.split()
            assert any(logic.grammar.parse(kind, symbols) is not None for logic in logics), pattern


def test_what_is_no_symbol_is_not_read() -> None:
    assert read_back("(φ → ∀x φ) !", {"(": "(", "ph": "φ", "->": "→", "A.": "∀", "x": "x", ")": ")"}) is None
