"""Databases are read by the whole of the specification, and what it does not allow is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from databases import needs_program, program
from tracemill.metamath.database import Assertion
from tracemill.metamath.database_reader import read_database
from tracemill.metamath.keywords import MetamathError

HEAD = "$c wff |- ( ) $. $v p q $. wp $f wff p $. wq $f wff q $.\n"


def read(tmp_path: Path, text: str) -> str:
    """Why a text is refused; empty where it is not."""
    path = tmp_path / "db.mm"
    path.write_text(text)
    try:
        read_database(path)
    except MetamathError as exc:
        return str(exc)
    return ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$c a", "not ended by $."),
        ("$c $.", "declares nothing"),
        ("$c a a $.", "declared twice"),
        ("$c a $. $v a $.", "declared twice"),
        ("$v a $. $c a $.", "declared twice"),
        ("$v a $. $v a $.", "declared twice"),
        ("${ $c a $. $}", "$c within a block"),
        ("x $c a $.", "before $c"),
        ("$x a $.", "is no keyword"),
        ("$c a$b $.", "'$' within a word"),
        ("$c a $. $}", "$} without ${"),
        ("${ $v a $.", "not closed at the end"),
        ("word", "in no statement"),
        ("$.", "outside a statement"),
        ("$( never closed", "comment that is not closed"),
        ("$( one $( two $) $)", "comment within a comment"),
        ("$( a$) $)", "within a word of a comment"),
        ("$[ missing.mm $]", "is no file"),
        ("$[ $]", "an include is"),
        ("${ $[ db.mm $] $}", "inside a statement or a block"),
        ("$c \xe9 $.", "printable ASCII"),
        ("$c a\x00 $.", "printable ASCII"),
        (HEAD + "wp2 $f wff p $.", "has a type already"),
        (HEAD + "f $f wff $.", "is not a constant and an active variable"),
        (HEAD + "f $f p q $.", "is not a constant and an active variable"),
        (HEAD + "$d p $.", "two or more different active variables"),
        (HEAD + "$d p p $.", "two or more different active variables"),
        (HEAD + "$d p ( $.", "two or more different active variables"),
        (HEAD + "e $e p $.", "begins with a constant"),
        (HEAD + "e $e |- r $.", "is not declared here"),
        (HEAD + "$v r $. e $e |- r $.", "has no type"),
        (HEAD + "e $a $.", "begins with a constant"),
        (HEAD + "$a |- p $.", "needs one label"),
        (HEAD + "one two $a |- p $.", "needs one label"),
        (HEAD + "a! $a |- p $.", "other characters"),
        (HEAD + "wp $a |- p $.", "is taken"),
        (HEAD + "p $a |- p $.", "is taken"),
        (HEAD + "|- $a |- p $.", "other characters"),
        (HEAD + "t $p |- p $.", "not ended by $="),
        (HEAD + "t $p |- p $= $.", "a proof of nothing"),
        (HEAD + "t $a |- p $= wp $.", "not ended by $."),
        ("${ $c a $. $v b $. $}", "$c within a block"),
        ("$c c $. ${ $v b $. f $f c b $. $} g $f c b $.", "an active variable"),
    ],
)
def test_what_is_not_allowed_is_refused(tmp_path: Path, text: str, why: str) -> None:
    found = read(tmp_path, text)
    assert why in found


def test_a_refusal_names_file_and_line(tmp_path: Path) -> None:
    assert read(tmp_path, "$c a $.\n\n  $( a\n comment $)\n $c a $.").startswith("db.mm:5: ")


def test_what_is_declared_in_a_block_ends_with_it(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "${ $v r $. wr $f wff r $. a $a |- r $. $} ${ $v r $. wr2 $f wff r $. $}") == ""
    assert "not declared here" in read(tmp_path, HEAD + "${ $v r $. wr $f wff r $. $} a $a |- r $.")


def test_hypotheses_and_distinct_pairs_are_those_in_scope_of_the_variables_that_occur(tmp_path: Path) -> None:
    path = tmp_path / "db.mm"
    path.write_text(HEAD + "$v r $. wr $f wff r $. ${ $d p q r $. e $e |- ( q ) $. a $a |- p $. t $p |- p $= ? $. $}")
    database = read_database(path)
    axiom, theorem = database.statements["a"], database.statements["t"]
    assert isinstance(axiom, Assertion) and isinstance(theorem, Assertion)
    assert [one.label for one in axiom.hypotheses] == ["wp", "wq", "e"]
    assert axiom.distinct == {("p", "q")} and axiom.optional == frozenset()
    assert theorem.optional == {("p", "r"), ("q", "r")}


def test_a_file_is_included_once(tmp_path: Path) -> None:
    (tmp_path / "head.mm").write_text(HEAD + "$[ db.mm $]")
    assert read(tmp_path, "$[ head.mm $] $[ head.mm $] a $a |- p $.") == ""


def test_errors_in_an_included_file_name_it(tmp_path: Path) -> None:
    (tmp_path / "head.mm").write_text("$c a\n a $.")
    assert read(tmp_path, "$[ head.mm $]").startswith("head.mm:1: ")


def test_the_comment_before_a_label_is_what_an_assertion_says(tmp_path: Path) -> None:
    path = tmp_path / "db.mm"
    path.write_text(HEAD + "$( Not this. $) ${ $( This. $) a $a |- p $. b $a |- q $. $}")
    database = read_database(path)
    assert [one.comment.strip() for one in database.assertions] == ["This.", ""]


@needs_program
def test_what_we_refuse_the_other_program_refuses_too(tmp_path: Path) -> None:
    """But for a second type of a variable, which it does not look at."""
    cases = ["$c a", "$c a a $.", "${ $v a $.", "$( never closed", HEAD + "e $e |- r $."]
    cases += [HEAD + "$d p p $.", HEAD + "wp $a |- p $.", "$c a $. $}", HEAD + "t $p |- p $.", "$x a $."]
    for number, text in enumerate(cases):
        path = tmp_path / f"case{number}.mm"
        path.write_text(text)
        assert "?Error" in program(path), text
