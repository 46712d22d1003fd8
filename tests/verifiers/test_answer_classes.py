"""Answers by class: pairs made by rule, and texts as people end a solution."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
from tracemill.records import Check, Problem, Source, Trace, Turn
from tracemill.verifiers.answer.mutations import MAKERS, pairs
from tracemill.verifiers.answer.verifier import AnswerVerifier


@pytest.fixture(scope="module")
def verifier() -> Iterator[AnswerVerifier]:
    made = AnswerVerifier()
    yield made
    made.close()


def outcome(verifier: AnswerVerifier, gold: str, text: str, kind: str = "symbolic", prompt: str = "") -> str:
    problem = Problem("p", "g", "a.b.c.d", prompt, gold, Check(kind), Source("test", "1", "MIT", 0, 0))
    turns = (Turn("assistant", content=text),)
    return verifier.rule(problem, Trace("t", "d", "p", "skills", "m", "single", 0, "0", turns, "stop")).outcome


@pytest.mark.parametrize("kind", MAKERS)
def test_equal_answers_are_verified_and_different_ones_are_not(verifier: AnswerVerifier, kind: str) -> None:
    refuted = 0
    for pair in islice(pairs(kind, 40, 11), 80):
        found = outcome(verifier, pair.gold, f"\\boxed{{{pair.answer}}}")
        assert found == "verified" if pair.equal else found != "verified", pair
        refuted += found == "refuted"
    assert refuted >= 20


@pytest.mark.parametrize("kind", MAKERS)
def test_pairs_are_the_same_for_the_same_seed(kind: str) -> None:
    assert list(pairs(kind, 5, 1)) == list(pairs(kind, 5, 1)) != list(pairs(kind, 5, 2))


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("50", "2(48)"),
        ("50", "25 25"),
        ("2525", "25 25"),
        ("50", "5 0"),
        ("1200", "(1,200)"),
        ("5", r"\displaystyle .5"),
        ("5", r"\left.5\right."),
        ("50", "50:1"),
        ("50", r"y=3\quad 50"),
        ("50", r"7\$50"),
        ("y=6", "y=2=6"),
        ("3=50", "8=50"),
        ("110_2", "110_4"),
        ("3_7", "3_5"),
        ("4:00", "9:00"),
        ("2:40", "4:80"),
        ("3:1:2", "3:2:1"),
        ("7/0", "9/0"),
        ("600", "0,600"),
        ("9", "0,009"),
        (r"\frac{0}{0}", "1/0"),
        (r"\infty", r"-\infty"),
        ("60", r"60 \text{ couples}"),
        ("60", r"60 \text{ Milliarden}"),
        ("60", r"60 \text{ nonsense}"),
        (r"[2,5]", r"]2,5["),
        ("5", r"5 \pmod 9"),
        ("8", r"\frac{8(\sin^2 x+\cos^2 x-1)}{\sin^2 x+\cos^2 x-1}"),
    ],
)
def test_what_has_another_value_or_none_is_not_verified(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") != "verified"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("2:5:7", "6:15:21"),
        ("70", "(70)"),
        ("70", r"7 \times 10 = 70"),
        ("70", r"\text{Length} = 70"),
        ("70", r"70 \tag{2}"),
        ("4/9", r"\left(\frac{4}{9}\right)"),
        ("98765", r"98,\!765"),
        (r"98,\!765", "98,765"),
        ("e+1", "e + 1"),
        (r"\text{even}", r"\text{Even}"),
        (r"0.8\overline{3}", r"\frac{5}{6}"),
        (r"\frac{9}{4}", r"\frac{9}{4} = 2.25"),
        (r"\sin x", r"\cos(90^\circ - x)"),
        ("3 km", "3000 m"),
        ("(1,200)", "(1, 200)"),
        (r"\displaystyle .5", "0.5"),
        (r"\mathbb{R}", r"(-\infty, \infty)"),
        (r"\mathbb{R}", "all real numbers"),
        ("(a,b)=(1,4)", "(1, 4)"),
        ("W_1:W_2=3:8", "3:8"),
        (r"\frac{1}{\sqrt{t}}", r"\sqrt{\frac{1}{t}}"),
        ("y^3+2", "y³+2"),
        (r"(-\infty,0)\cup(5,\infty)", r"x<0 \text{ or } x>5"),
        (r"\{t|-4<t\leq 3\}", "(-4,3]"),
        (r"x\equiv 3 \pmod{8}", r"11 \pmod 8"),
        ("6:20 \\text{ p.m.}", "18:20"),
        (r"x^2+y^2=9", "9 - y^2 = x^2"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}"),
        (r"90 \text{ minutes}", r"1.5 \text{ hours}"),
    ],
)
def test_what_has_the_same_value_is_verified(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") == "verified"


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{70}^3",
        r"-\boxed{70}",
        r"\boxed{70}\cdot 10^2",
        r"\frac{\boxed{70}}{5}",
        r"$\sqrt{\boxed{70}}$",
        r"$2\boxed{70}$",
        r"\boxed{70} - 3",
        r"$n > \boxed{70}$",
        r"\boxed{70} million",
        r"\boxed{70}\%",
        "This is not the answer: 70",
        "A possible answer is 70.",
        r"I can't tell; for instance \boxed{70}.",
    ],
)
def test_what_stands_around_the_answer_counts(verifier: AnswerVerifier, text: str) -> None:
    assert outcome(verifier, "70", text, "numeric") != "verified"


@pytest.mark.parametrize(
    "text",
    [
        "The area is\n\\[\nA = 7 \\times 10 = 70\n\\]\nSo it is \\boxed{70}.",
        "A = 35\nThen $2A = \\boxed{70}$.",
        "A = a × b\nA = 7 × 10\n\nThe area is 70.",
        r"$y-5=\boxed{\phantom{0}}$, hence \boxed{70}.",
        "Final Answer: The final answer is $70$. I hope it is correct.",
        "#### 70<|im_end|>",
        r"\framebox{70}",
        r"\boxed 70",
        "<answer>The answer is 70.</answer>",
        r"\boxed{70 \text{ years old}}",
        r"With $140/2$, or \boxed{70}.",
        r"It is \boxed{70}, or 140/2.",
        "\\boxed{70}\n\nThat might also be solved by drawing.",
        "\\boxed{70}\n\nThe answer should be 70 metres.",
        r"Perhaps unexpectedly, we get \boxed{70}.",
        "Adding up, we find\n\n**70**",
        "She walks for **70** minutes.",
        "$70$",
        "70",
        "70 minutes, or 70.0 minutes",
        "So there are 7 rows of 10 plants.\nThe total is 70.",
        r"$$7 \cdot 10 = \boxed{70}\text{ cm}$$",
        r"**\boxed{70}**",
    ],
)
def test_answers_are_found_where_people_put_them(verifier: AnswerVerifier, text: str) -> None:
    assert outcome(verifier, "70", text, "numeric") == "verified"


def test_a_percentage_that_is_asked_for_needs_no_sign(verifier: AnswerVerifier) -> None:
    asked = "What percentage of the pupils walk?"
    for kind in ("numeric", "symbolic"):
        assert outcome(verifier, "30", r"\boxed{30\%}", kind, asked) == "verified"
        assert outcome(verifier, "30", r"\boxed{30\%}", kind, "How many walk?") == "unknown"
    assert outcome(verifier, r"30\%", r"\boxed{30}", "symbolic", asked) == "verified"
    assert outcome(verifier, r"\frac14", r"\boxed{25\%}") == "verified"


def test_words_of_the_question_name_what_is_counted(verifier: AnswerVerifier) -> None:
    asked = "How many zlotys does she have?"
    assert outcome(verifier, "60", r"\boxed{60 \text{ zlotys}}", "numeric", asked) == "verified"
    assert outcome(verifier, "60", r"\boxed{60 \text{ zlotys}}", "numeric", "How many?") == "unknown"
    assert outcome(verifier, "60", r"\boxed{60 \text{ dozen}}", "numeric", "How many dozen?") != "verified"


def test_the_shape_that_a_question_asks_for_decides_between_two_senses(verifier: AnswerVerifier) -> None:
    assert outcome(verifier, "1:10", r"\boxed{2:20}", prompt="In which ratio?") == "verified"
    assert outcome(verifier, "1:10", r"\boxed{2:20}") == "unknown"
    assert outcome(verifier, "110_2", r"\boxed{110}", prompt="Write it in base 2.") == "verified"
    assert outcome(verifier, "110_2", r"\boxed{110}") == "unknown"
    assert outcome(verifier, "(1,2)", r"\boxed{[1,2]}", prompt="For which interval?") == "refuted"
    assert outcome(verifier, "(1,2)", r"\boxed{[1,2]}") == "unknown"


@pytest.mark.parametrize(
    ("gold", "answer"), [("6", "2(3)"), ("96", "2(48)"), ("2.5", "1 3/2"), ("x", r"x'"), ("3", "0,003")]
)
def test_what_has_two_readings_decides_nothing(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") == "unknown"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("2024-05-06", "2024-06-05"),
        ("2024-05-06", "2013"),
        ("2024-5-6", "2013"),
        ("0\\leq a<4", "0\\leq b<4"),
        ("(x,y)=(3,5)", "(y,x)=(3,5)"),
        ("x=3,y=5", "5,3"),
        (r"\{\{3\},\{5\}\}", r"\{3,5\}"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", r"\begin{vmatrix}1&2\\3&4\end{vmatrix}"),
        (r"x>1 \text{ or } x<3", r"x>1 \text{ and } x<3"),
        (r"p\land q", r"p\lor q"),
        (r"\$7", "7 cents"),
        (r"7 \text{ cents}", r"\$7"),
        (r"\$7", "€7"),
        ("0 °C", "0 K"),
        ("CO", "Co"),
        ("Sn", "SN"),
        ("AB", "ab"),
    ],
)
def test_what_looks_alike_is_not_verified(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") != "verified"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (r"\$7", "700 cents"),
        (r"\$7", "7"),
        ("1 L", "1000 cm^3"),
        ("1 N", "1 kg m/s^2"),
        ("50 Hz", "50 s^{-1}"),
        ("5 A", "5 amperes"),
        (r"90^\circ", r"\frac{\pi}{2}"),
        (r"\sqrt[3]{-8}", "-2"),
        (r"\sqrt[3]{-x}", r"-\sqrt[3]{x}"),
        ("1 kWh", "3.6 MJ"),
        (r"\pm 1,\pm 2", "-2,-1,1,2"),
        ("(x,y)=(3,5)", "(y,x)=(5,3)"),
        (r"\{(3,5)\}", "(3,5)"),
        ("2024-05-06", "2024-05-06"),
        ("red", "RED"),
    ],
)
def test_what_is_written_otherwise_is_verified(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") == "verified"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("1 year", "365 days"),
        ("25 °C", "298.15 K"),
        ("3,5", "3.5"),
        ("C_5^2", "10"),
        ("1st", "1"),
        ("5m", r"m \cdot 5"),
        ("2024-05-06", "06/05/2024"),
    ],
)
def test_what_may_be_the_same_is_not_refuted(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") != "refuted"


@pytest.mark.parametrize(
    "text",
    [
        "<answer>70</answer> is wrong",
        "It is false that the answer is \\boxed{70}.",
        "It is not true that $x = \\boxed{70}$.",
        "Is the answer \\boxed{70}?",
        "Ignore this: \\boxed{70}. The true result is 71.",
        "Format: \\boxed{70} is an example of the format.",
        "Many students answer \\boxed{70}, wrongly.",
        "No valid answer exists, not even \\boxed{70}.",
        "e.g. \\boxed{70}",
        "~~\\boxed{70}~~",
        "<!-- \\boxed{70} -->",
        "\\boxed{70} (just kidding)",
        "\\boxed{70} might be right",
        "I would write \\boxed{70} if I knew it",
    ],
)
def test_what_is_denied_asked_or_struck_out_is_no_answer(verifier: AnswerVerifier, text: str) -> None:
    assert outcome(verifier, "70", text, "numeric") != "verified"


@pytest.mark.parametrize(
    "text",
    [
        r"<answer>\boxed{70}</answer>",
        r"<p>\boxed{70}</p>",
        r"Is it 69? No: \boxed{70}",
        r"It is wrong that it is 69, so it is \boxed{70}.",
        r"This is 70\%? No, it is \boxed{70}.",
    ],
)
def test_markup_and_questions_before_an_answer_leave_it_alone(verifier: AnswerVerifier, text: str) -> None:
    assert outcome(verifier, "70", text, "numeric") == "verified"


@pytest.mark.parametrize("text", ["B is wrong", "B is not correct", "B is false", "B is eliminated"])
def test_a_choice_that_is_taken_back_is_not_verified(verifier: AnswerVerifier, text: str) -> None:
    choices = Check("choice", {"choices": {"A": "red", "B": "blue"}})
    problem = Problem("p", "g", "a.b.c.d", "", "B", choices, Source("test", "1", "MIT", 0, 0))
    turns = (Turn("assistant", content=f"\\boxed{{{text}}}"),)
    trace = Trace("t", "d", "p", "skills", "m", "single", 0, "0", turns, "stop")
    assert verifier.rule(problem, trace).outcome != "verified"


def test_a_negative_zero_is_another_literal(verifier: AnswerVerifier) -> None:
    problem = Problem(
        "p", "g", "a.b.c.d", "", "-0.0", Check("exact", {"literal": True}), Source("test", "1", "MIT", 0, 0)
    )
    turns = (Turn("assistant", content=r"\boxed{0.0}"),)
    trace = Trace("t", "d", "p", "skills", "m", "single", 0, "0", turns, "stop")
    assert verifier.rule(problem, trace).outcome == "refuted"


@pytest.mark.parametrize(
    "text",
    [
        r"If we ignore air resistance the answer is \boxed{70}.",
        r"We could write the sum as \boxed{70}.",
        r"That is 50\% of 140, and 50% is \boxed{70}.",
        r"\boxed{70}, an example of a weird number.",
        r"It is a mistake that many read 7: therefore it is \boxed{70}.",
        r"\boxed{70}. The real value is 69.97, which rounds to it.",
        r"Forget the first way; the second gives \boxed{70}.",
        r"What is 7 times 10? It is \boxed{70}.",
    ],
)
def test_words_that_deny_something_else_leave_the_answer_alone(verifier: AnswerVerifier, text: str) -> None:
    assert outcome(verifier, "70", text, "numeric") == "verified"


def test_a_choice_whose_wording_says_wrong_is_named_with_it(verifier: AnswerVerifier) -> None:
    choices = Check("choice", {"choices": {"A": "True", "B": "False", "C": "It is not true of all"}})
    for gold, text in (("B", "B: False"), ("B", "False"), ("C", "(C) It is not true of all"), ("B", "option B")):
        problem = Problem("p", "g", "a.b.c.d", "", gold, choices, Source("test", "1", "MIT", 0, 0))
        turns = (Turn("assistant", content=f"\\boxed{{{text}}}"),)
        trace = Trace("t", "d", "p", "skills", "m", "single", 0, "0", turns, "stop")
        assert verifier.rule(problem, trace).outcome == "verified", text


@pytest.mark.parametrize(
    "ending", ["12", "12.", "$12$", "$$12$$", "\\[12\\]", "**12**", "Answer\n12", "So it comes to 12.", "Ana has 12."]
)
def test_the_usual_last_lines_are_answers(verifier: AnswerVerifier, ending: str) -> None:
    text = f"First I take three times four, and nothing else is asked.\n\n{ending}"
    assert outcome(verifier, "12", text, "numeric") == "verified"
    assert outcome(verifier, "13", text, "numeric") == "refuted"


def test_the_last_number_of_a_list_is_no_answer(verifier: AnswerVerifier) -> None:
    assert outcome(verifier, "12", "Its divisors are these:\n\n4\n6\n12", "numeric") != "verified"


def test_a_line_of_prose_is_no_heading(verifier: AnswerVerifier) -> None:
    text = "Adding both sides shows us the way to\nthe answer\nwhich is near now.\n\nAna has 12."
    assert outcome(verifier, "12", text, "numeric") == "verified"


SAME = [
    ("NH3", "NH_3"),
    ("NH3", r"\ce{NH3}"),
    (r"\text{N}_2\text{O}_5", "N₂O₅"),
    (r"\mathrm{C_{12}H_{22}O_{11}}", "C12H22O11"),
    ("Mg(NO3)2", r"Mg(NO_3)_2"),
    ("PO4^{3-}", "PO₄³⁻"),
    ("PO4^{3-}", "PO43-"),
    ("PO4^{3-}", "PO^{3-}_4"),
    ("NH4+", "NH_4^+"),
    (r"\ce{Al^3+}", "Al^{3+}"),
    ("3CO2", r"3\,CO_2"),
    (r"CuSO_4 \cdot 5H_2O", "CuSO4·5H2O"),
    (r"\lg 7", r"\log_{10} 7"),
    (r"\lg 1000", "3"),
    ("lg 7", r"\frac{\ln 7}{\ln 10}"),
    (r"\operatorname{tg} 2a", r"\tan 2a"),
    (r"\tg^2 a + 1", r"\frac{1}{\cos^2 a}"),
    (r"\mathrm{ctg}\, a", r"\cot a"),
    (r"\text{arctg}\,\frac{1}{2}", r"\arctan\frac{1}{2}"),
    (r"\operatorname{sh} a", r"\frac{e^a - e^{-a}}{2}"),
    ("2tg", "2gt"),
    (r"\mathbb{R} \setminus \{-3, 3\}", r"(-\infty,-3)\cup(-3,3)\cup(3,\infty)"),
    (r"x \in \R \backslash \{7\}", r"(-\infty, 7) \cup (7, +\infty)"),
    (r"(0, 9] \setminus \{4, 9\}", r"(0,4)\cup(4,9)"),
    (r"[1,\infty)\setminus\{1\}", r"(1,\infty)"),
    (r"[\frac12,2] \setminus \{\frac12\}", r"(\frac12,2]"),
    (r"[0,\frac12] \setminus \{0.5\}", r"[0,\frac12)"),
    (r"[1,1] \setminus \{5\}", "[1,1]"),
    (r"\{2, 4, 6\} \setminus \{4, 5\}", r"\{6, 2\}"),
    (r"A \setminus B", r"A\smallsetminus B"),
    ("25 cents", "25¢"),
    (r"\$0.25", r"25\text{ cents}"),
    ("No", "NO"),
]
OTHER = [
    ("NH3", "NH4"),
    ("CO2", "CO_3"),
    ("Mg(NO3)2", "MgNO32"),
    ("NO2", "NO_2^-"),
    ("Al^{3+}", "Al^{2+}"),
    ("3CO2", "2CO2"),
    ("2H2", "H4"),
    (r"\lg 7", r"\ln 7"),
    (r"\operatorname{tg} 2a", r"\cot 2a"),
    (r"\mathbb{R} \setminus \{-3, 3\}", r"\mathbb{R} \setminus \{3\}"),
    (r"(0, 9] \setminus \{4\}", r"(0,9]"),
    (r"\{2, 4, 6\} \setminus \{4\}", r"\{2,4\}"),
    ("25¢", r"\$25"),
    (r"\$25", "25¢"),
]
UNDECIDED = [
    ("CO2", "Co_2"),  # capitals
    ("CH3COOH", "C2H4O2"),  # the same atoms
    ("O2-", "O_2^-"),  # one atom or two
    ("FeCl3^{3+}", "Fe^{3+}Cl_3"),  # a charge amid
    (r"\lg 8", "3"),  # to base 2
    ("sh a", r"\sinh a"),  # two letters
    (r"A \setminus B", "A - B"),
    ("25", "25¢"),
    ("25¢", "25"),
]


@pytest.mark.parametrize(("gold", "answer"), SAME)
def test_notations_of_one_thing_are_verified(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    for one, other in ((gold, answer), (answer, gold)):
        assert outcome(verifier, one, f"\\boxed{{{other}}}") == "verified"


@pytest.mark.parametrize(("gold", "answer"), OTHER)
def test_another_thing_in_such_a_notation_is_refuted(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") == "refuted"


@pytest.mark.parametrize(("gold", "answer"), UNDECIDED)
def test_what_such_a_notation_leaves_open_is_unknown(verifier: AnswerVerifier, gold: str, answer: str) -> None:
    assert outcome(verifier, gold, f"\\boxed{{{answer}}}") in ("unknown", "error")


@pytest.mark.parametrize("kind", ["symbolic", "numeric"])
def test_cents_are_the_unit_where_the_question_asks_for_them(verifier: AnswerVerifier, kind: str) -> None:
    asked = {
        "How many cents is the change?": "verified",
        "The pen costs $2.75. What is the change from $3, in cents?": "verified",
        "One costs 5¢. What do five cost?": "verified",
        "What does it cost, in dollars? A penny is one cent.": "unknown",
        "What does it cost?": "unknown",
    }
    for prompt, expected in asked.items():
        assert outcome(verifier, "25", r"\boxed{25¢}", kind, prompt) == expected, prompt
        assert outcome(verifier, "25¢", r"\boxed{25}", kind, prompt) == expected, prompt
    assert outcome(verifier, "25¢", r"\boxed{\$0.25}", kind) == "verified"
    assert outcome(verifier, "25¢", r"\boxed{\$25}", kind) == "refuted"


def test_a_sentence_that_speaks_of_percent_does_not_hide_what_the_question_asks_for(verifier: AnswerVerifier) -> None:
    reply = r"That is half. As a percentage of the price, the change is \boxed{25¢}."
    assert outcome(verifier, "25", reply, prompt="How many cents is the change?") == "verified"


def test_units_of_a_number_count(verifier: AnswerVerifier) -> None:
    assert outcome(verifier, "3 km", r"\boxed{3000 m}", "numeric") == "verified"
    assert outcome(verifier, "3 km", r"\boxed{3 m}", "numeric") == "refuted"
    assert outcome(verifier, "3 km", r"\boxed{3 kg}", "numeric") == "unknown"
    assert outcome(verifier, "3 km", r"\boxed{3}", "numeric") == "verified"


def test_nitric_oxide_is_no_refusal(verifier: AnswerVerifier) -> None:
    assert outcome(verifier, "NO", r"\boxed{No}", prompt="Which gas forms above the copper?") == "unknown"
    assert outcome(verifier, "No", r"\boxed{NO}", prompt="Is the reaction of the gas exothermic?") == "verified"
    assert outcome(verifier, "no", r"\boxed{NO}", prompt="Answer yes or no: does the compound dissolve?") == "verified"


def test_a_formula_in_another_spelling_is_not_refuted_where_the_very_text_is_asked_for(
    verifier: AnswerVerifier,
) -> None:
    assert outcome(verifier, "NH3", r"\boxed{NH_3}", "exact") == "unknown"
    assert outcome(verifier, "NH3", r"\boxed{NH_4}", "exact") == "refuted"
