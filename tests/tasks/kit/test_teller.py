"""A teller: steps that are left out leave what they rest on; a mistake is struck where a site is marked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tracemill.records import premise
from tracemill.tasks.kit.teller import DeadEnd, MistakePlace, Most, Recheck, Strike, Teller, entailment
from tracemill.tasks.kit.words import Bank, Words
from tracemill.tasks.task import Detail

WORDS = Words(Path("words.yaml"), {}, Bank("words", {"it": ["It is {x}.", "So {x}."], "end": ["{answer}"]}), ())


def telling(
    detail: Detail, strike: Strike | None = None, seed: int = 1, places: dict[str, list[MistakePlace]] | None = None
) -> Teller:
    """x = 6, then 2x = 12 (told from `normal`), 2x + 1 = 13 (from `thorough`), 2x + 2 = 14."""
    teller = Teller(WORDS, detail, seed, strike, places)
    x = teller.site("slip", 6, [7, 8, 6], lambda wrong: f"6, not {wrong}", lambda: recheck("6"))
    a = teller.say("it", entailment(f"(= x {x})"), [premise(1)], x=x)
    double = teller.site("slip", 2 * x, [2 * x + 1], "doubled", lambda: recheck("12"))
    b = teller.say("it", entailment(f"(= y {double})"), [a, premise(2)], level="normal", x=double)
    c = teller.say("it", entailment(f"(= z {double + 1})"), [b, premise(3)], level="thorough", x=double + 1)
    teller.say("it", entailment(f"(= w {double + 2})"), [b, c], x=double + 2)
    teller.close("end", str(double + 2))
    return teller


def recheck(value: str) -> Recheck:
    return Recheck("that", f"it is {value}", entailment("true"))


def moves(teller: Teller) -> list[tuple[str, tuple[int, ...]]]:
    told = [line for line in teller.lines if line.claim != entailment("true")]
    assert all(line.claim is not None for line in told)
    return [(line.claim.payload["formula"], line.uses) for line in told if line.claim]


def quiet(detail: Detail, strike: Strike | None = None) -> Teller:
    """A telling in which nothing is doubted."""
    return next(t for s in range(50) if len((t := telling(detail, strike, s)).lines) == len(moves(t)))


def test_what_is_left_out_leaves_what_it_rested_on() -> None:
    assert moves(quiet("thorough")) == [
        ("(= x 6)", (-2,)),
        ("(= y 12)", (0, -3)),
        ("(= z 13)", (1, -4)),
        ("(= w 14)", (1, 2)),
    ]
    assert moves(quiet("normal")) == [("(= x 6)", (-2,)), ("(= y 12)", (0, -3)), ("(= w 14)", (1, -4))]
    assert moves(quiet("terse")) == [("(= x 6)", (-2,)), ("(= w 14)", (0, -3, -4))]


def test_the_places_of_all_mistakes_are_listed_in_a_telling_as_it_is_without() -> None:
    places: dict[str, list[MistakePlace]] = {"slip": [], "other": []}
    assert telling("normal", places=places).lines == telling("normal").lines
    assert [place.options for place in places["slip"]] == [[7, 8], [13]]
    assert not places["other"]


def test_a_site_that_is_struck_changes_what_follows() -> None:
    strike = Strike("slip", 2)
    struck = telling("normal", strike)
    assert struck.answer == "15" and telling("normal").answer == "14"
    assert strike.line is not None and struck.lines[strike.line].claim == entailment("(= y 13)")
    assert strike.explanation == "doubled"
    assert strike.recheck is not None and strike.recheck.instead == "13"


def test_a_mistake_in_a_step_that_is_left_out_shows_in_the_next_one() -> None:
    strike = Strike("slip", 2)
    struck = telling("terse", strike)
    assert strike.line is not None and struck.lines[strike.line].claim == entailment("(= w 15)")


def test_a_move_without_a_site_is_doubted_too_but_not_between_a_mistake_and_its_step() -> None:
    def doubts(strike: Strike | None) -> int:
        found = 0
        for seed in range(200):
            teller = Teller(WORDS, "terse", seed, strike and Strike("slip", 1))
            teller.site("slip", 6, [7], "")
            teller.doubtful(recheck("6"))
            for _ in range(2):
                teller.say("it", entailment("(= x 6)"), [premise(1)], x=6)
            found += len(teller.lines) == 3
        return found

    assert 2 < doubts(None) < 30
    assert doubts(Strike("slip", 1)) == 0


def test_a_doubt_stands_before_a_further_step_with_its_own_lead_and_never_at_the_end() -> None:
    doubts = 0
    for seed in range(120):
        teller = Teller(WORDS, "terse", seed)
        for number in range(4):
            teller.doubtful(recheck(str(number)))
            teller.lead("end", answer=f"Step {number}:")
            teller.say("it", entailment("(= x 6)"), [premise(1)], x=6)
        doubted = [at for at, line in enumerate(teller.lines) if line.claim == entailment("true")]
        assert teller.lines[-1].claim == entailment("(= x 6)")
        assert not any("Step" in teller.lines[at].text for at in doubted)
        assert all(line.text.startswith("Step") for at, line in enumerate(teller.lines) if at not in doubted)
        doubts += len(doubted)
    assert doubts > 10


def test_what_was_done_again_is_neither_doubted_nor_checked_once_more() -> None:
    told = 0
    for seed in range(200):
        teller = Teller(WORDS, "terse", seed)
        for _ in range(6):
            teller.doubtful(recheck("6"))
            teller.say("it", entailment("(= x 6)"), [premise(1)], x=6)
        teller.check([recheck("6")])
        again = [line for line in teller.lines if line.claim == entailment("true")]
        assert len(again) <= 1
        told += len(again)
    assert 40 < told < 200


def test_another_mistake_strikes_nothing() -> None:
    strike = Strike("other", 1)
    assert telling("normal", strike).lines == telling("normal").lines
    assert strike.sites == 0


def test_up_to_the_mistake_the_telling_is_the_same_and_its_step_has_the_words_of_a_right_one() -> None:
    for seed in range(30):
        strike = Strike("slip", 2)
        wrong, right = telling("normal", strike, seed), telling("normal", None, seed)
        assert strike.line is not None
        assert wrong.lines[: strike.line] == right.lines[: strike.line]
        assert wrong.lines[strike.line].text.replace("13", "12") == right.lines[strike.line].text


def test_right_solutions_also_doubt_and_a_check_that_fails_is_not_told_by_who_errs() -> None:
    doubts = [line.text for s in range(200) for line in telling("normal", None, s).lines if "that" in line.text.lower()]
    assert 5 < len(doubts) < 80
    for seed in range(40):
        strike = Strike("slip", 1)
        teller = telling("normal", strike, seed)
        before = len(teller.lines)
        failing = Recheck("the total", "it is 3", entailment("true"), instead="4")
        teller.check([failing])
        assert (len(teller.lines), strike.late, strike.late_at) == (before, failing, before)


def test_what_a_right_telling_does_not_say_is_never_doubted_in_it_but_a_mistake_there_is_uncovered() -> None:
    def unsaid(strike: Strike | None, seed: int) -> Teller:
        teller = Teller(WORDS, "normal", seed, strike)
        x = teller.site("slip", 0, [5], "5", lambda: recheck("never"), doubtful=False)
        for _ in range(20):
            teller.say("it", entailment("(= x 6)"), [premise(1)], x=x or 6)
        return teller

    assert not any("never" in line.text for seed in range(20) for line in unsaid(None, seed).lines)
    struck = Strike("slip", 1)
    assert unsaid(struck, 1).lines[0].text.endswith("5.")
    assert struck.recheck is not None and struck.recheck.fact == "it is never"


def test_a_telling_that_runs_in_circles_is_a_dead_end() -> None:
    teller = Teller(WORDS, "normal", 1)
    with pytest.raises(DeadEnd):
        for _ in range(1_000):
            teller.say("it", entailment("true"), [], x=1)


def test_of_the_wrong_values_of_a_site_the_one_that_is_asked_for_is_taken() -> None:
    assert [telling("normal", Strike("slip", 1, option)).answer for option in (0, 1)] == ["16", "18"]
    assert {telling("normal", Strike("slip", 1), seed).answer for seed in range(20)} == {"16", "18"}


def test_a_telling_that_is_longer_than_it_may_be_is_a_dead_end_at_once() -> None:
    for most in (Most(3, 1_000), Most(1_000, len(telling("terse").lines[0].text.split()) * 3)):
        teller, said = Teller(WORDS, "normal", 1, most=most), 0
        with pytest.raises(DeadEnd):
            for said in range(1_000):  # noqa: B007
                teller.say("it", entailment("true"), [], x=1)
        assert 1 < said <= 4


def test_a_costly_place_is_listed_without_a_look_and_struck_only_where_there_is_a_wrong_value() -> None:
    asked: list[int] = []

    def told(wrong: list[int], strike: Strike | None, places: dict[str, list[MistakePlace]] | None = None) -> int:
        teller = Teller(WORDS, "normal", 1, strike, places)
        return teller.site("slip", 6, lambda: asked.append(1) or wrong, "", costly=True)

    places: dict[str, list[MistakePlace]] = {"slip": []}
    assert told([], None, places) == 6
    assert (len(places["slip"]), asked) == (1, [])
    assert told([7], Strike("slip", 1)) == 7
    strike = Strike("slip", 1)
    with pytest.raises(DeadEnd):
        told([], strike)
    assert strike.sites == 0


def test_what_is_foreseen_of_a_place_is_what_was_known_when_it_was_listed() -> None:
    places: dict[str, list[MistakePlace]] = {"slip": []}
    teller, state = Teller(WORDS, "normal", 1, places=places), ["then"]

    def foresight() -> Callable[[int], str]:
        known = state[0]
        return lambda wrong: f"{wrong} {known}"

    teller.site("slip", 6, [7, 8], "", foresight=foresight)
    state[0] = "now"
    (place,) = places["slip"]
    assert place.foreseen is not None
    assert [place.foreseen(option) for option in place.options] == ["7 then", "8 then"]


def test_what_could_be_wrong_is_worked_out_for_the_mistake_that_is_looked_for_until_it_is_made() -> None:
    def asked(strike: Strike | None) -> int:
        asked: list[int] = []
        teller = Teller(WORDS, "normal", 1, strike)
        for number in range(4):
            teller.site("slip", 6, lambda number=number: asked.append(number) or [7], "")
        return len(asked)

    assert [asked(Strike("slip", target)) for target in (1, 3, 9)] == [1, 3, 4]
    assert asked(None) == asked(Strike("other", 1)) == 0
