"""Which program a reply gives, and which replies give none."""

from __future__ import annotations

import pytest
from tracemill.verifiers.code.finding import NoProgram, find_program
from tracemill.verifiers.code.languages import LANGUAGES

PYTHON = LANGUAGES["python"]
SHOWING = 'def f(n):\n    """\n    ```\n    f(1)\n    ```\n    """\n'
F, G = "def f(n):\n    return n\n", "def f(n):\n    return -n\n"


def fenced(program: str, tag: str = "python", mark: str = "```") -> str:
    return f"{mark}{tag}\n{program}{mark}\n"


@pytest.mark.parametrize(
    ("reply", "program", "rule"),
    [
        (fenced(F), F, "block"),
        (f"First try:\n{fenced(G)}\nA faster way:\n{fenced(F)}", F, "block"),
        (f"{fenced(F)}\nUse it so:\n{fenced('print(f(3))' + chr(10))}", F, "block"),
        (f"{fenced(F)}\nIt prints:\n{fenced('3' + chr(10), '')}", F, "block"),
        (fenced(F, "Python3"), F, "block"),
        (fenced(F, 'py title="f.py"'), F, "block"),
        (fenced(F, mark="~~~~"), F, "block"),
        (f"1. So:\n   ```python\n   {F.replace(chr(10), chr(10) + '   ').rstrip()}\n   ```\n", F, "block"),
        (fenced(F, ""), F, "only block"),
        (fenced(F, "") * 2, F, "only block"),
        (f"{fenced('some text' + chr(10), '')}{fenced(F, '')}", F, "only block"),
        (F, F, "whole reply"),
        (f"{fenced(F)}\nNote that this does not work for negative numbers, which the task excludes.", F, "block"),
        (f"I made a mistake in my earlier attempt; here is the right one.\n{fenced(F)}", F, "block"),
        (fenced(SHOWING), SHOWING, "block"),
        (fenced("s = '''\n~~~\n'''\n" + F), "s = '''\n~~~\n'''\n" + F, "block"),
    ],
)
def test_the_program_that_a_reply_gives(reply: str, program: str, rule: str) -> None:
    found = find_program(reply, PYTHON, "f")
    assert (found.text, found.rule) == (program, rule)
    lines = reply.split("\n")[found.first_line - 1 : found.last_line]
    assert [line.strip() for line in lines if line.strip()] == [
        one.strip() for one in program.split("\n") if one.strip()
    ]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no block"),
        ("f(n) is n.", "no block"),
        ("n", "no block"),
        (f"```python\n{F}", "never closed"),
        (f"{fenced(F)}\n```python\n{F}", "never closed"),
        (f"{fenced(F)}\nThis does not work.", "taken back"),
        (f"{fenced(F)}\nWait, that is wrong.", "taken back"),
        (f"{fenced(F)}\nPlease ignore the above code.", "taken back"),
        (f"A wrong attempt:\n{fenced(F)}", "taken back"),
        (f"{fenced(F)}\nor\n{fenced(G)}", "several different"),
        (f"{fenced(F)}\n{fenced(G)}\nEither of these works.", "several different"),
        (f"{fenced(F, '')}{fenced(G, '')}", "2 different blocks"),
        (fenced("", ""), "empty block"),
        (fenced(F + "# \ud800\n"), "half a character"),
    ],
)
def test_a_reply_that_gives_no_program(reply: str, reason: str) -> None:
    with pytest.raises(NoProgram, match=reason):
        find_program(reply, PYTHON, "f")


def test_programs_of_other_languages() -> None:
    cpp = "#include <cstdio>\nint main() { return 0; }\n"
    assert find_program(fenced(cpp, "C++"), LANGUAGES["cpp"]).text == cpp
    assert find_program(cpp, LANGUAGES["cpp"]).rule == "whole reply"
    both = f"{fenced(F)}{fenced('console.log(1)' + chr(10), 'js')}"
    assert find_program(both, LANGUAGES["javascript"]).text == "console.log(1)\n"


@pytest.mark.parametrize(
    "text", ["```" * 300_000, "`" * 900_000, "``` \n" * 200_000, "(" * 90_000, "~~~\n```\n" * 100_000]
)
def test_a_hostile_reply_is_read_in_time(text: str) -> None:
    with pytest.raises(NoProgram):
        find_program(text, PYTHON, "f")
