"""Proofs are accepted and refused as Metamath's own program does."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest
from databases import FOLDER, needs_databases, needs_program, refused_by_program
from tracemill.metamath.database_reader import read_database
from tracemill.metamath.keywords import MetamathError
from tracemill.metamath.proofs import check, decoded

LOGIC = """
$c ( ) -> wff |- A. setvar $.
$v ph ps ch x y $.
wph $f wff ph $.
wps $f wff ps $.
wch $f wff ch $.
vx $f setvar x $.
vy $f setvar y $.
wi $a wff ( ph -> ps ) $.
wal $a wff A. x ph $.
ax-1 $a |- ( ph -> ( ps -> ph ) ) $.
${ ax-5.d $e |- ph $. $d x ph $. ax-5 $a |- ( ph -> A. x ph ) $. $}
${ min $e |- ph $. maj $e |- ( ph -> ps ) $. ax-mp $a |- ps $. $}
"""
A1I = "${ a1i.1 $e |- ph $. a1i $p |- ( ps -> ph ) $= "


def refused(path: Path) -> dict[str, str]:
    """The theorems of a file whose proofs we refuse, and why."""
    database, found = read_database(path), {}
    for theorem in database.theorems:
        try:
            check(database, theorem)
        except MetamathError as exc:
            found[theorem.label] = str(exc)
    return found


def verdict(tmp_path: Path, text: str) -> str:
    path = tmp_path / "db.mm"
    path.write_text(LOGIC + text)
    return "".join(refused(path).values())


@pytest.mark.parametrize(
    "proof",
    [
        "wph wps wph wi a1i.1 wph wps ax-1 ax-mp",
        "( wi ax-1 ax-mp ) ABADCABEF",
    ],
)
def test_a_right_proof_is_accepted_in_both_notations(tmp_path: Path, proof: str) -> None:
    assert verdict(tmp_path, f"{A1I}{proof} $. $}}") == ""


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ("?", "incomplete"),
        ("( ) ?", "incomplete"),
        ("( wi ax-1 ax-mp ) ABADCABE?", "incomplete"),
        ("wph wps wph wi a1i.1 wph wps ax-1", "left on the stack"),
        ("wph wps wph wi a1i.1 wph wph ax-1 ax-mp", "is not"),
        ("wps wph ax-1", "proves"),
        ("ax-mp", "are on the stack"),
        ("a1i", "not stated before it"),
        ("later", "not stated before it"),
        ("min", "not in scope"),
        ("vx wps ax-1", "takes a wff"),
        ("( wi ax-1 ax-mp ABADCABEF", "not closed"),
        ("( wi wi ax-1 ax-mp ) ABADCABEF", "lists a label twice"),
        ("( wph wi ax-1 ax-mp ) ABADCABEF", "a hypothesis of the theorem"),
        ("( wi ax-1 ax-mp ) ABADCABEFU", "within a number"),
        ("( wi ax-1 ax-mp ) ZABADCABEF", "follows no step"),
        ("( wi ax-1 ax-mp ) ABADZZCABEF", "follows no step"),
        ("( wi ax-1 ax-mp ) ABADCABEG", "has no step"),
        ("( wi ax-1 ax-mp ) ABADCABE!", "cannot stand"),
        ("( wi ax-1 ax-mp ) " + "U" * 100_000 + "A", "cannot stand"),
    ],
)
def test_a_wrong_proof_is_refused_with_its_place(tmp_path: Path, proof: str, why: str) -> None:
    found = verdict(tmp_path, f"{A1I}{proof} $. $}} later $a |- ( ph -> ph ) $.")
    assert why in found
    assert found.startswith(f"db.mm:{LOGIC.count(chr(10)) + 1}: a1i: ")


@pytest.mark.parametrize(
    ("distinct", "accepted"),
    [("$d x ps $.", True), ("$d y ps $.", False), ("", False)],
)
def test_variables_must_be_distinct_where_the_rule_says_so(tmp_path: Path, distinct: str, accepted: bool) -> None:
    text = f"${{ {distinct} h $e |- ps $. t $p |- ( ps -> A. x ps ) $= wps vx h ax-5 $. $}}"
    found = verdict(tmp_path, text)
    assert ("share no variable" in found) != accepted
    assert accepted == (found == "")


def test_one_variable_is_not_distinct_from_itself(tmp_path: Path) -> None:
    text = "${ $d x ps $. h $e |- A. x ps $. t $p |- ( A. x ps -> A. x A. x ps ) $= wps vx wal vx h ax-5 $. $}"
    assert "share no variable: x, x" in verdict(tmp_path, text)


def test_a_shared_subproof_is_one_step(tmp_path: Path) -> None:
    path = tmp_path / "db.mm"
    path.write_text(LOGIC + "t $p |- ( ( ph -> ph ) -> ( ( ph -> ph ) -> ( ph -> ph ) ) ) $= ( wi ax-1 ) AABZDC $.")
    database = read_database(path)
    theorem = database.theorems[0]
    check(database, theorem)
    assert [step.statement.label for step in decoded(database, theorem)] == ["wph", "wph", "wi", "ax-1"]


@needs_databases
@pytest.mark.parametrize("name", ["demo0.mm", "hol.mm", "miu.mm", "ql.mm", "big-unifier.mm", "nf.mm"])
def test_all_proofs_of_a_real_database_are_accepted(name: str) -> None:
    assert refused(FOLDER / name) == {}


@needs_program
@pytest.mark.parametrize("seed", [1, 2])
def test_corrupted_proofs_are_refused_just_where_the_other_program_refuses_them(tmp_path: Path, seed: int) -> None:
    """One letter of each proof of quantum logic is another one: 1,138 proofs, of which hardly one survives."""
    rng = Random(seed)

    def corrupted(proof: re.Match[str]) -> str:
        letters = list(proof[2])
        at = rng.choice([place for place, letter in enumerate(letters) if letter.isalpha()])
        letters[at] = rng.choice([letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter != letters[at]])
        return proof[1] + "".join(letters) + proof[3]

    path = tmp_path / "ql.mm"
    text = (FOLDER / "ql.mm").read_text()
    path.write_text(re.sub(r"(\$=\s+\([^)]*\))([A-Z\s]+)(\$\.)", corrupted, text))
    ours = set(refused(path))
    assert ours == refused_by_program(path)
    assert len(ours) > 1_000


@needs_program
@pytest.mark.parametrize("share", [0.5, pytest.param(1.0, marks=pytest.mark.soak)])
def test_distinct_variable_conditions_left_out_are_missed_by_neither_program(tmp_path: Path, share: float) -> None:
    """In the first half of a database, to where a part of it begins; and in all of it."""
    text = (FOLDER / "iset.mm").read_text()
    if share < 1:
        text = text[: text.rindex("\n$(\n=-=-", 0, int(share * len(text)))]
    rng = Random(3)
    path = tmp_path / "iset.mm"
    path.write_text(re.sub(r"\$d [^$]*\$\.", lambda one: "" if rng.random() < 0.3 else one[0], text))
    ours = refused(path)
    assert set(ours) == refused_by_program(path)
    assert len(ours) > 500
    assert all("share no variable" in why for why in ours.values())
