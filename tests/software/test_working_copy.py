"""Files in memory: what can be changed, and what is refused."""

from __future__ import annotations

import pytest
from tracemill.records import Check, Claim, Problem, Source
from tracemill.software.working_copy import MAX_FILE_CHARACTERS, MAX_FILES, RefusedError, WorkingCopy, files_of

FILES = {"till/change.py": "a = 1\nb = 1\n", "README.md": "hello\n"}


def test_a_text_is_replaced_where_it_stands_once():
    copy = WorkingCopy(FILES)
    assert copy.replace("till/change.py", "b = 1", "b = 2") == 2
    assert copy.files["till/change.py"] == "a = 1\nb = 2\n"
    assert FILES["till/change.py"] == "a = 1\nb = 1\n"


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        ("till/change.py", "= 1", "= 2", "occurs 2 times"),
        ("till/change.py", "c", "d", "is not in it"),
        ("till/change.py", "a", "a", "are the same"),
        ("till/change.py", "", "a", "is there already"),
        ("change.py", "a", "b", "there is no file 'change.py'; there is till/change.py"),
        ("../change.py", "", "b", "is not a path within the repository"),
        ("/etc/passwd", "", "b", "is not a path within the repository"),
        ("till/change.py", "a = 1", "a\0", "has no NUL"),
        ("till/change.py", "a = 1", "\ud800", "half a character"),
        ("till/change.py/x", "", "b", "is a folder, or lies in a file"),
        ("till", "", "b", "is a folder, or lies in a file"),
        ("till/change.py", "a = 1", "x" * (MAX_FILE_CHARACTERS + 1), "would be too large"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(path, old, new, why):
    copy = WorkingCopy(FILES)
    with pytest.raises(RefusedError, match=why):
        copy.replace(path, old, new)
    assert copy.files == FILES


def test_files_are_bounded_in_number():
    copy = WorkingCopy({f"a{number}": "" for number in range(MAX_FILES)})
    with pytest.raises(RefusedError, match="at most 400 files"):
        copy.replace("one_more", "", "x")


def test_the_digest_changes_with_every_character():
    copy = WorkingCopy(FILES)
    before = copy.digest
    copy.replace("till/change.py", "b = 1", "b = 2")
    assert copy.digest != before
    copy.replace("till/change.py", "b = 2", "b = 1")
    assert copy.digest == before


def test_the_files_of_a_problem_are_what_its_commits_leave():
    commits = [{"message": "a", "files": {"x": "1", "y": "1"}}, {"message": "b", "files": {"x": "2"}}]
    source = Source("test", "1", "MIT", 0, 0)
    one = Problem(
        "p", "g", "a.b.c.d", "", "", Check("code"), source, premises=(Claim("repository", {"commits": commits}),)
    )
    assert files_of(one) == {"x": "2", "y": "1"}
    assert files_of(Problem("p", "g", "a.b.c.d", "", "", Check("code"), source)) is None
    broken = Problem("p", "g", "a.b.c.d", "", "", Check("code"), source, premises=(Claim("repository", {"files": 1}),))
    with pytest.raises(ValueError, match="no list of commits"):
        files_of(broken)
