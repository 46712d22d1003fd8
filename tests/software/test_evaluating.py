"""What code gives and does, found by running it in the sandbox."""

from __future__ import annotations

from tracemill.software.evaluating import CodeQuestion, answered

FILES = {
    "till/__init__.py": "",
    "till/change.py": (
        "from till.coins import value\n\n\ndef change(paid, price):\n    rest = paid - value(price)\n    if rest < 0:\n"
        "        raise ValueError('too little')\n    return rest\n"
    ),
    "till/coins.py": "def value(price):\n    cents = price * 100\n    return cents // 100\n",
}


def asked(what, *arguments):
    return answered(FILES, [CodeQuestion(what, arguments)]).found[0]


def test_an_expression_gives_a_value_or_raises():
    assert asked("value_of", "till.change", "change(5, 3)") == ["value", "2"]
    assert asked("value_of", "till.change", "change(3, 5)") == ["raised", "ValueError"]
    assert asked("value_of", "till.gone", "1") == ["raised", "ModuleNotFoundError"]
    assert answered(FILES, [CodeQuestion("value_of", ("till.change", "1"))]).isolation.startswith("sandbox L")


def test_lines_say_what_they_change():
    assert asked("lines_of", "till.change", "change", "change(5, 3)") == [[5, "rest", "2"], [8, "return", "2"]]
    assert asked("lines_of", "till.change", "change", "change(3, 5)") == [[5, "rest", "-2"]]


def test_calls_are_listed_as_they_end():
    assert asked("calls_in", "till.change", "change(5, 3)") == [
        ["till.coins", "value", ["3"], "3", 1],
        ["till.change", "change", ["5", "3"], "2", 0],
    ]
    assert asked("calls_in", "till.change", "change(3, 5)") == [["till.coins", "value", ["5"], "5", 1]]


def test_what_ends_the_process_has_no_answer_and_the_next_question_has_one():
    questions = [
        CodeQuestion("value_of", ("till.change", text)) for text in ("__import__('os')._exit(0)", "change(5, 3)")
    ]
    assert answered(FILES, questions).found == (None, ["value", "2"])
