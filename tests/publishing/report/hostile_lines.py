"""A build of lines that somebody wrote who wants to be more than text."""

from __future__ import annotations

import json
from typing import Any

from workplace import CONFIG, Workplace

SCRIPT = "<script>window.owned = 1</script>"
TEXTS = (
    SCRIPT,
    "</script></style></pre><img src=x onerror='window.owned = 2'>",
    "{{ 7 * 7 }} {% for x in y %} ${7*7} #{7*7}",
    "\x1b]0;owned\x07\x1b[2J\x9b31m",
    "\u202eevil\u2066 \u200b\ufeff",
    "a\x00b",
    '" onmouseover="window.owned = 3" x="',
    "<!-- <svg onload=window.owned=4> ]]>",
    "[click](javascript:window.owned=5) ![x](http://localhost/x.png) <http://localhost/>",
    "`<b>` ``` \n```\n# heading\n| a | b |\n| --- | --- |\n",
    "&lt;script&gt; &#x3c;script&#x3e; &amp;",
    "wide " * 3_000,
    "x" * 200_000,
)


def line(number: int, text: str) -> dict[str, Any]:
    """A right solution; every third is wrong. All of its texts have `text` in them."""
    a, b = 7 * number + 3, 11 * number + 5
    found = a + b + (number % 3 == 0)
    thought = f"<think>\nFirst {a} of {text}, then {b}.\n</think>"
    solution = f"{thought}\n\nThat is {text}.\n\nThe answer is \\boxed{{{found}}}."
    return {"question": f"Number {number}: {a} and {b} of {text}?", "answer": str(a + b), "solution": solution}


def hostile(workplace: Workplace) -> Workplace:
    """The build, not yet made."""
    path = workplace.folder / "lines.jsonl"
    lines = [json.dumps(line(number, text)) for number, text in enumerate(TEXTS)]
    path.write_text("\n".join([*lines, "{not JSON <script>", lines[0]]) + "\n")
    source = {
        "kind": "jsonl",
        "name": "lines",
        "path": str(path),
        "licence": "MIT",
        "fields": {
            "prompt": "question",
            "answer": "answer",
            "references": [{"text": "solution", "author": f"me {SCRIPT}"}],
        },
        "domain": "math.arithmetic.words.toy",
        "check": {"kind": "numeric"},
    }
    workplace.config(
        {
            **CONFIG,
            "name": "hostile",
            "sources": [source],
            "teacher": {"kind": "replay"},
            "strategy": {"kind": "single"},
            "split": {"bench": 0},
            "verify": {"require": ["answer"], "audit": 1, "leakage": None},
            "views": ["sft", "rlvr"],
        }
    )
    return workplace
