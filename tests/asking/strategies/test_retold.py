"""A step in other words passes where it says the same, and not where it says anything else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from retelling import solved_problems, told
from tracemill.asking.strategies.plain_words import BECAUSE, NEUTRAL, SAME
from tracemill.asking.strategies.retold import TellingReader, fault_in, is_copied, wanted
from tracemill.records import Check, Claim, Problem, Source

PUZZLE = Problem(
    "p",
    "g",
    "logic.puzzle.knights_knaves.island",
    "Every knight speaks truly, every knave falsely. Ask Ana, Bo and Clara for the way.",
    "Ana = knight",
    Check("exact"),
    Source("test", "1", "MIT", 0, 0),
    premises=(Claim("symbols", {"Ana": "Bool", "Bo": "Bool", "Clara": "Bool"}),),
)
READER = TellingReader(PUZZLE)


def fault(step: str, telling: str) -> str | None:
    return fault_in(READER, telling, wanted(READER, step))


@pytest.mark.parametrize(
    ("step", "telling"),
    [
        ("So Bo is a knave.", "Now we see: Bo is a knave."),
        ("Ana says that Bo is a knave, so Bo is a knave.", "Ana claims Bo is a knave, and hence it is a knave."),
        ("Since Ana is a knight, what she says is true.", "Because Ana is a knight, what she says is true."),
        ("Suppose that Ana is a knight.", "Let me now assume: Ana is a knight."),
        ("Ana isn't a knave.", "Ana is not a knave."),
        ("Zoe has a long tail.", "Zoe's tail is long."),
        ("3·s + 2·p = 7 (1).", "So now we know: 3s + 2*p = 7 (1)."),
        ("x - 2 is -5.", "And so x − 2 is −5."),
        ("There are three knights.", "So there are 3 knights here."),
        ("`f` is `[1, 2]`, and the condition holds.", "Well, `f` is `[1, 2]`, so the condition holds."),
    ],
)
def test_other_words_for_the_same_pass(step: str, telling: str) -> None:
    assert fault(step, telling) is None


@pytest.mark.parametrize(
    ("step", "telling", "said"),
    [
        ("So Bo is a knave.", "So Bo is a knight.", "adds 'knight'"),
        ("So Bo is a knave.", "So Bo is not a knave.", "adds 'not'"),
        ("So Bo is a knave.", "So Bo isn't a knave.", "adds"),
        ("So Bo is a knave.", "So Ana is a knave.", "adds 'Ana'"),
        ("So Bo is a knave.", "So Bo may be a knave.", "adds 'may'"),
        ("So Bo is a knave.", "If Bo is a knave.", "adds 'If'"),
        ("So Bo is a knave.", "So Bo is a dishonest knave.", "adds 'dishonest'"),
        ("So Bo is a knave.", "Is Bo a knave?", "adds '?'"),
        ("So Bo is a knave.", "So that is that.", "leaves out 'Bo'"),
        ("So Bo is a knave.", "So Bo is a knave. The moon is a cheese.", "adds 'moon'"),
        ("So Bo is a knave.", "So Bo is a knave, and Clara is a knave.", "adds 'knave'"),
        ("So Bo is a knave.", "Clara tells that Bo is a knave.", "adds 'Clara'"),
        ("Ana says that Bo is a knave.", "Bo says that Ana is a knave.", "has 'Bo' in another place"),
        ("Ana says that Bo is a knave.", "We know that Bo is a knave.", "leaves out 'Ana'"),
        ("Ana says that Bo is a knave.", "Ana is a knave, and Bo says it.", "in another place"),
        ("Suppose that Ana is a knight.", "We know that Ana is a knight.", "leaves out 'Suppose'"),
        ("Ana or Bo is a knight.", "Ana and Bo are knights.", "leaves out 'or'"),
        ("All of them are knaves.", "They are knaves.", "leaves out 'All'"),
        ("Ana is a knave, so Bo is a knave.", "Ana is a knave because Bo is a knave.", "adds 'because'"),
        ("Ana is a knave because Bo is a knight.", "Ana is a knave, so Bo is a knight.", "leaves out 'because'"),
        ("3·s + 2·p = 7 (1).", "3·s - 2·p = 7 (1).", "adds '-'"),
        ("3·s + 2·p = 7 (1).", "3·p + 2·s = 7 (1).", "in another place"),
        ("3·s + 2·p = 7 (1).", "3·s + 2·p = 8 (1).", "adds '8'"),
        ("3·s + 2·p = 7 (1).", "2·s + 3·p = 7 (1).", "in another place"),
        ("2·s = s + s.", "2·s = s.", "leaves out"),
        ("x < 3.", "x > 3.", "adds '>'"),
        ("S/s has s.", "s/S has s.", "adds 's/S'"),
        ("A short tail and long ears.", "A long tail and short ears.", "in another place"),
        ("The knave is not a knight.", "The knight is not a knave.", "in another place"),
        ("Take 5 from 9.", "Take 9 from 5.", "in another place"),
        ("Tom gives 3 apples.", "Tom gets 3 apples.", "adds 'gets'"),
        ("It rises by 5.", "It rises to 5.", "adds 'to'"),
        ("Tom had 5 apples.", "Tom has 5 apples.", "leaves out 'Tom had'"),
        ("Tom has 5 apples.", "Tom will have 5 apples.", "adds 'will'"),
        ("Each has 3.", "All have 3.", "adds 'All'"),
        ("The price is 3.", "The price is about 3.", "adds 'about'"),
        ("Bo has 3.", "Bo has just 3.", "adds 'just'"),
        ("2·(3 + 4) is 14.", "2·3 + 4 is 14.", "leaves out '('"),
        ("x**2 is 9.", "x*2 is 9.", "leaves out '**'"),
        ("`u` is `1`.", "`u` is `2`.", "adds '`2`'"),
    ],
)
def test_what_says_something_else_is_named(step: str, telling: str, said: str) -> None:
    found = fault(step, telling)
    assert found is not None and said in found


def test_sincere_tellings_of_every_task_pass() -> None:
    for problem, solution in solved_problems():
        reader = TellingReader(problem)
        for place, line in enumerate(solution.lines):
            assert fault_in(reader, told(line.text, place), wanted(reader, line.text)) is None, line.text
        assert fault_in(reader, solution.closing, wanted(reader, solution.closing)) is None


def test_no_step_of_a_task_passes_for_another_that_claims_something_else() -> None:
    """Of every solution each step is held against each other one. A step may stand twice in a trace of a program, each
    time of another moment."""
    passed = []
    for problem, solution in solved_problems():
        reader = TellingReader(problem)
        wants = [wanted(reader, line.text) for line in solution.lines]
        for line in solution.lines:
            for other, want in zip(solution.lines, wants, strict=True):
                if line.text != other.text and line.claim != other.claim and fault_in(reader, line.text, want) is None:
                    passed.append((line.text, other.text))
    assert passed == []


def test_a_step_with_any_word_that_matters_left_out_or_said_twice_does_not_pass() -> None:
    for problem, solution in solved_problems():
        reader = TellingReader(problem)
        for line in solution.lines:
            want = wanted(reader, line.text)
            for token in reader.read(line.text):
                without = line.text[: token.start] + line.text[token.end :]
                if not (token.kind == "name" and line.text.count(line.text[token.start : token.end]) > 1):
                    assert fault_in(reader, without, want) is not None, (without, line.text)
                if token.kind != "name":
                    twice = line.text[: token.end] + " " + line.text[token.start :]
                    assert fault_in(reader, twice, want) is not None, (twice, line.text)


def test_no_neutral_word_denies_counts_compares_or_doubts() -> None:
    telling = """not no never none nothing nobody neither nor without unless except only all every each some any both
        either or if may might could would perhaps maybe possibly probably seems less more fewer greater smaller
        before after above below under over on from into false true wrong lies fails contradicts suppose assume says
        same other different half twice first second one two three want need give gives get gets take takes find finds
        make makes use go come start by to of in at with for about was were had did will would can could again just"""
    assert not NEUTRAL & set(telling.split())
    assert not NEUTRAL & {word for group in SAME for word in group} and not NEUTRAL & BECAUSE
    assert all(re.fullmatch(r"[a-z]+", word) for word in NEUTRAL)


def test_a_word_in_capitals_is_no_name() -> None:
    shouting = replace(PUZZLE, prompt='The robot shows "IF Ana is a knight THEN Bo is a knave AND Clara is one".')
    reader = TellingReader(shouting)
    step = "If Ana is a knight, then Bo is a knave."
    assert fault_in(reader, "And so, if Ana is a knight, then Bo is a knave.", wanted(reader, step)) is None


def test_copies_are_seen_through_punctuation() -> None:
    steps = ["So Bo is a knave.", "Hence Ana is one.", "Done."]
    assert is_copied(steps, ["so Bo is a knave", "Hence, Ana is one!", "We are done."])
    assert not is_copied(steps, ["So Bo is a knave.", "Thus Ana is one.", "We are done."])
