"""Closings of solutions: what is said around an answer takes it back, or does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tracemill.records import Check, Problem, Source, Trace, Turn
from tracemill.verifiers.answer.verifier import AnswerVerifier

HARMLESS = [
    r"The total mass is approximately 6 kg in the table, but exactly \boxed{6}.",
    r"Rounded to the nearest whole number, that is about \boxed{6}.",
    r"Thus the answer is \boxed{6}, or equivalently \boxed{12/2}.",
    r"So there are \boxed{6} ways, not counting rotations or reflections.",
    r"It is \boxed{6}, which is what we wanted to show, give or take no rounding.",
    r"Hence \boxed{6}. No other value is possible, so we are done.",
    r"Therefore the answer is \boxed{6}. Had we started from the other end, we might have got the same.",
    r"The final answer is \boxed{6}. (One could also use induction.)",
    r"The answer is \boxed{6} or, in words, six.",
    r"We find \boxed{6}; perhaps surprisingly, this does not depend on n.",
    r"Perhaps surprisingly, the answer is \boxed{6}.",
    r"It may be tempting to say 7, but the answer is \boxed{6}.",
    r"One might guess 7, but that is wrong: the answer is \boxed{6}.",
    r"Although 5 is possible at first sight, the answer must be \boxed{6}.",
    r"The answer isn't 5 or 7 but \boxed{6}.",
    r"Not 5, not 7: \boxed{6}.",
    r"If the boxes were distinct we would have 12; since they are not, we have \boxed{6}.",
    r"I am confident that the answer is \boxed{6}.",
    r"There is no doubt about it: \boxed{6}.",
    r"Without loss of generality x < y, so the answer is \boxed{6}.",
    r"Either way, the answer is \boxed{6}.",
    r"In either case, we get \boxed{6}.",
    r"Whether x is odd or even, the result is \boxed{6}.",
    "Answer: 6 (I hope this helps!)",
    "Answer: 6. Let me know if you want more detail.",
    "Answer: 6. If anything is unclear, just ask.",
    "The answer is 6. Feel free to ask if you are not sure about a step.",
    r"\boxed{6} is the answer. I would be happy to explain any step that may be unclear.",
    r"**Answer:** \boxed{6}. You could check this by substituting x = 6 in the original equation.",
    r"The answer is \boxed{6}, as can be checked by hand or with a calculator.",
    r"Thus the number of ways is \boxed{6}. Actually, the same argument works for every n.",
    r"So x = \boxed{6}. Note that x = -6 is not possible because lengths are positive.",
    r"So x = \boxed{6}. The other root, -6, is rejected.",
    r"So x = \boxed{6}. We reject x = -6 since it is negative.",
    r"The solution is \boxed{6}; the value x = 2 is extraneous.",
    r"The solution is \boxed{6}. (x = 2 would make the denominator zero, so it is wrong to include it.)",
    r"Hence \boxed{6}. It would be a mistake to count the empty set.",
    r"Hence \boxed{6}. A common mistake is to forget the empty set.",
    r"Hence \boxed{6}. Be careful: a common error gives 7.",
    r"So the minimum is \boxed{6}, attained if and only if a = b or b = c.",
    r"The minimum value is at least 6 or more precisely equal to \boxed{6}.",
    r"Wait times add up to \boxed{6}.",
    r"After waiting, the train leaves; the answer is \boxed{6}.",
    r"The answer is \boxed{6} minutes or less than a tenth of an hour.",
    r"The correct answer is \boxed{6} (option C).",
    r"The correct option is (C): \boxed{6}.",
    r"So it takes \boxed{6} days, or just under a week.",
    r"She needs \boxed{6} or half a dozen eggs.",
    r"It equals \boxed{6}, i.e. half a dozen.",
    r"It equals \boxed{6} (about 6.0).",
    r"The exact value is \boxed{6}; a calculator shows 5.9999 due to rounding.",
    r"The estimate of 5.8 is close, but the exact answer is \boxed{6}.",
    r"Since 5.7 is approximately 6, rounding gives \boxed{6}.",
    r"Therefore, the value is \boxed{6}. Alternatively, we could use the sine rule to get the same result.",
    r"Therefore, the value is \boxed{6}. Alternatively, it follows from Vieta's formulas.",
    r"Therefore, the value is \boxed{6}. Another approach would give the same answer.",
    r"Let me double check: 2*3 = 6. Yes. The answer is \boxed{6}.",
    r"Let me verify: 6/3 = 2, correct. So \boxed{6}.",
    r"Hmm, 5 does not work, and neither does 7. So \boxed{6}.",
    r"Wait, I should check the sign. It is positive. Thus \boxed{6}.",
    "\\boxed{6}\n\nLet me double-check: 6 - 4 = 2, as required.",
    "\\boxed{6}\n\nCheck: if x were 5, the left side would be 3, which is not right; with 6 it is 4.",
    "\\boxed{6}\n\n(This could be proved by induction, too.)",
    "\\boxed{6}\n\nNote: the problem might also be solved with generating functions.",
    "\\boxed{6}\n\nSo the answer could be found without a calculator.",
    r"The answer is therefore \boxed{6}. That was not so hard!",
    r"The answer is \boxed{6}. Nice problem, isn't it?",
    r"The answer is \boxed{6}. Isn't that neat?",
    r"The answer is \boxed{6}. Is there a shorter way? Perhaps, but this one is safe.",
    r"The final answer is \boxed{6}. I hope it is correct.",
    "Final answer: 6 apples, or 6 in total.",
    r"Final answer: $\boxed{6}$ cm (to 1 significant figure).",
    r"Therefore $n$ can be any number such that $n \geq 6$ or $n = 0$; the least positive one is $\boxed{6}$.",
    r"So the probability is not 1/5 but 1/6, and the reciprocal is \boxed{6}.",
    r"This is false for n = 5, so the least n is \boxed{6}.",
    r"It is not true that 5 works, so the answer is \boxed{6}.",
    r"It's not obvious, but the answer is \boxed{6}.",
    r"You can't have fewer, so the answer is \boxed{6}.",
    r"There can't be more than six, so \boxed{6}.",
    r"He didn't eat the rest, so there are \boxed{6}.",
    r"Nobody knows who the thief is, but he took \boxed{6}.",
    r"Suppose it takes t hours; then t = \boxed{6}.",
    r"Say the width is w. Then w = \boxed{6}.",
    r"The number we seek is none other than \boxed{6}.",
    r"The answer is nothing but \boxed{6}.",
    r"The answer is no less than and no more than six: \boxed{6}.",
    r"The sum is just \boxed{6}.",
    r"Only \boxed{6} of them remain, not even half.",
    r"If the answer is 6 for n = 3, and it is, then we are done: \boxed{6}.",
    r"The answer to the second part depends on the first; the answer is \boxed{6}.",
    r"Possible values of k are 1, 2 and 3; their sum is \boxed{6}.",
    r"The possible values sum to \boxed{6}.",
    r"For example, 1 + 2 + 3 = \boxed{6}.",
    r"Such numbers are 1, 2, 3; for instance their sum is \boxed{6}.",
    r"As an example of such a number take 1; in all there are \boxed{6}.",
    r"So the answer is \boxed{6}. Sorry for the long solution!",
    r"So the answer is \boxed{6}. Oh, and the units are metres.",
    r"So the answer is \boxed{6}. Well, that was fun.",
    r"So the answer is \boxed{6}. No further cases arise.",
    r"So the answer is \boxed{6}. No, we do not need to check the endpoints.",
    r"So the answer is \boxed{6}, and 5 is impossible.",
    r"So the answer is \boxed{6}, and we are done.",
    r"So the answer is \boxed{6}, 5 being too small.",
    r"So the answer is \boxed{6}; 5 is too small.",
    r"The answer, correct to the nearest integer, is \boxed{6}.",
    r"I first thought of 5, but I was wrong. The answer is \boxed{6}.",
    r"My first attempt gave 5, which was incorrect. Correcting the sign gives \boxed{6}.",
    "The answer is 6\n\nHope this helps. If I made a mistake, let me know.",
    r"The answer should be \boxed{6}.",
    r"The answer must be \boxed{6}.",
    r"It should be noted that 0 is excluded. The answer is \boxed{6}.",
    r"The result has to be even, so \boxed{6}.",
    r"This gives \boxed{6}, so the answer should be an even number, as it is.",
    r"The true answer is \boxed{6}.",
    r"The right answer is \boxed{6}, not 5.",
    r"\boxed{6}, not 5.",
    r"\boxed{6} (not 5!)",
    r"\boxed{6}, rather than 5.",
    r"\boxed{6} instead of 5.",
    r"The answer is \boxed{6} since 5 isn't possible.",
    r"The answer is \boxed{6}. The number 5 is not the right answer because it is odd.",
    r"The answer is \boxed{6}. If you got 5, that is wrong because you forgot zero.",
    r"The answer is \boxed{6}. Students may think it is 5, but they forget zero.",
    r"The answer is \boxed{6}. You might be wondering why it is not 5.",
    r"The answer is \boxed{6}, maybe the nicest number of all.",
]
TAKEN_BACK = [
    r"The answer is \boxed{6} or, in other words, seven.",
    r"The answer is \boxed{6} or half a hundred.",
    r"\boxed{6} or seven",
    r"\boxed{6} or a dozen",
    r"It is \boxed{6}, or equivalently 7.",
    r"It is \boxed{6} minutes or more.",
    r"It is \boxed{6} or more.",
    r"It is \boxed{6} or so.",
    r"\boxed{6}; 7 is also possible.",
    r"\boxed{6}, 7 works too.",
    r"\boxed{6}, 7 is the other one.",
    r"\boxed{6}, 7",
    r"\boxed{6}. No, we made an error. It is 7.",
    r"\boxed{6}. No, it is 7.",
    r"\boxed{6}. Sorry, I meant 7.",
    r"\boxed{6}. Sorry for the confusion: it should be 7.",
    r"\boxed{6}. Alternatively, it could be 7.",
    r"\boxed{6}. Alternatively, it is 7.",
    r"\boxed{6}. The answer could be 7.",
    r"\boxed{6}. I made a mistake, though.",
    r"\boxed{6}, perhaps.",
    r"Perhaps \boxed{6}.",
    r"Maybe the answer is \boxed{6}.",
    r"Possibly \boxed{6}, possibly not.",
    r"The answer is anything other than \boxed{6}.",
    r"It is \boxed{6}. That is wrong.",
    r"It is \boxed{6}. If you got 7, you are right, this is wrong.",
    r"It is \boxed{6} unless I am wrong; perhaps it is 7.",
    "The answer is 6 (I hope it is not 7)",
    "Answer: 6 or I hope it is 7",
    r"\boxed{6} or none",
    r"\boxed{6} or infinitely many",
    r"\boxed{6} or x",
    r"\boxed{6}, maybe the answer is 7",
    r"It is \boxed{6}, perhaps the most likely being 7",
]


@pytest.fixture(scope="module")
def verifier() -> Iterator[AnswerVerifier]:
    made = AnswerVerifier()
    yield made
    made.close()


def outcome(verifier: AnswerVerifier, kind: str, text: str) -> str:
    problem = Problem("p", "g", "a.b.c.d", "How many are there?", "6", Check(kind), Source("test", "1", "MIT", 0, 0))
    turns = (Turn("assistant", content=text),)
    return verifier.rule(problem, Trace("t", "d", "p", "skills", "m", "single", 0, "0", turns, "stop")).outcome


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_closing_loses_no_right_answer(verifier: AnswerVerifier, text: str) -> None:
    assert [outcome(verifier, kind, text) for kind in ("symbolic", "numeric")] == ["verified", "verified"]


@pytest.mark.parametrize("text", TAKEN_BACK)
def test_an_answer_that_is_taken_back_or_stands_beside_another_is_not_verified(
    verifier: AnswerVerifier, text: str
) -> None:
    assert "verified" not in [outcome(verifier, kind, text) for kind in ("symbolic", "numeric")]
