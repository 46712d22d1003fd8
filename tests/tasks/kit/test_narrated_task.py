"""Wrong solutions on the kit: made with the first of several misconceptions that can be, and from few tellings."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from tracemill.records import Problem
from tracemill.settings.plugins import load
from tracemill.tasks.kit import narrated_task
from tracemill.tasks.kit.lengths import LIKE, Size, WantedSize
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import COMMON_WORDS, DeadEnd, MistakePlace, Strike, Teller
from tracemill.tasks.kit.words import Bank
from tracemill.tasks.task import DETAILS, task_versions
from tracemill.verifiers.cases import draw

FORESEEING = ("math.algebra.linear_system", "planning.classical.blocks_world")


def task_of(name: str) -> NarratedTask:
    task: NarratedTask = load("task", name)()
    return task


def problems(task: NarratedTask, count: int) -> list[Problem]:
    return [drawn[0] for index in range(count) if (drawn := draw(task, index, 3, "kit"))]


@pytest.mark.parametrize("name", FORESEEING)
def test_the_answer_that_is_foreseen_of_a_mistake_is_nearly_always_the_one_it_leads_to(name: str) -> None:
    task, right, wrong = task_of(name), 0, 0
    for number, problem in enumerate(problems(task, 12)):
        places: dict[str, list[MistakePlace]] = {each.name: [] for each in task.misconceptions}
        detail = DETAILS[number % 3]
        task.tell(problem, Teller(task.words, detail, number, places=places))
        for mistake, found in places.items():
            for at, place in enumerate(found, start=1):
                for option, value in enumerate(place.options):
                    assert place.foreseen is not None
                    teller = Teller(task.words, detail, number, Strike(mistake, at, option))
                    try:
                        task.tell(problem, teller)
                    except DeadEnd:
                        continue
                    came = place.foreseen(value) == teller.answer
                    right, wrong = right + came, wrong + (not came)
    assert right > 20 * wrong and right > 50


@pytest.mark.parametrize("name", FORESEEING)
def test_several_misconceptions_are_tried_in_turn_and_the_flaw_names_the_one_that_was_made(name: str) -> None:
    task, names = task_of(name), [each.name for each in task_of(name).misconceptions]
    made = [task.err(problem, names, Random(1)) for problem in problems(task, 8)]
    kinds = [solution.flaw.kind for solution in made if solution is not None and solution.flaw is not None]
    backwards = [task.err(problem, names[::-1], Random(1)) for problem in problems(task, 8)]
    others = [solution.flaw.kind for solution in backwards if solution is not None and solution.flaw is not None]
    assert len(kinds) >= 6 and set(kinds) <= set(names)
    assert sum(map(names.index, kinds)) / len(kinds) < sum(map(names.index, others)) / len(others)


def test_a_wrong_solution_with_any_of_the_misconceptions_takes_few_tellings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty each before the places of all were listed in one telling and answers were foreseen."""
    task, told = task_of(FORESEEING[0]), []
    tell = type(task).tell
    monkeypatch.setattr(type(task), "tell", lambda self, problem, teller: (told.append(1), tell(self, problem, teller)))
    made = [task.err(problem, [each.name for each in task.misconceptions], Random(1)) for problem in problems(task, 12)]
    assert len(made) - made.count(None) >= 9
    assert len(told) < 10 * len(made)


def test_a_misconception_that_the_task_does_not_have_is_refused_by_name() -> None:
    task = task_of(FORESEEING[0])
    with pytest.raises(ValueError, match=r"has no misconception 'sign_lost'; it has sign_kept"):
        task.err(problems(task, 1)[0], ["sign_kept", "sign_lost"], Random(1))


@pytest.mark.parametrize("where", ["themes", "phrases", "common", "kit"])
def test_a_changed_phrase_or_kit_changes_what_solutions_depend_on(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(FORESEEING[0])
    before, words = task_versions(task), task.words
    if where == "kit":
        monkeypatch.setattr(narrated_task, "VERSION", "another")
    elif where == "common":
        phrases = {**COMMON_WORDS.phrases.entries, "doubt": ["Is {of} right? {fact}{verdict}!"]}
        other = replace(COMMON_WORDS, phrases=Bank("words", phrases))
        monkeypatch.setattr(narrated_task, "COMMON_WORDS", other)
    elif where == "phrases":
        phrases = {**words.phrases.entries, "value": [*words.phrases.entries["value"], "So {eq}!"]}
        monkeypatch.setattr(type(task), "words", replace(words, phrases=Bank("words", phrases)))
    else:
        themes = {name: {**theme, "people": ["Nobody"]} for name, theme in words.themes.items()}
        monkeypatch.setattr(type(task), "words", replace(words, themes=themes))
    after = task_versions(task)
    assert after["version"] == before["version"] and after["wording"] != before["wording"] != ""


def test_a_size_allows_a_share_more_or_less_and_what_does_not_show() -> None:
    wanted = WantedSize(Size(steps=50, words=1000, answer=3), LIKE)
    assert wanted.allows(Size(56, 1120, 9)) and wanted.allows(Size(44, 880, 3))
    assert not wanted.allows(Size(57, 1000, 3))
    assert not wanted.allows(Size(50, 879, 3))
    assert (wanted.most.steps, wanted.most.words) == (56, 1120)
    assert wanted.allows_answer("a b c d e f g h i") and not wanted.allows_answer("a b c d e f g h i j")
