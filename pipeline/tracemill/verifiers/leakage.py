"""Leakage: can a reader say which solution is wrong, and where, without reasoning: numbers and names are masked?

Each flawed solution of a task gives pairs: what a reader is shown of it, and the same of a right solution of that
problem in the same detail (`shown_parts.py`): the first wrong step alone beside the step of its type and place, the
steps around it, all up to it, the whole, the lengths. A linear model reads the features of each and is scored on
problems that it has not seen. Its AUC is the chance that it ranks a wrong one above a right one: 0.5 where nothing but
the mistake tells them apart, 1.0 where a phrase stands in wrong ones only. A reward model would learn that phrase.

    >>> leaks = leakage(made("task", "logic.puzzle.knights_knaves"), problems=300, seed=0)
    >>> leaks[0].part, leaks[0].mistake, leaks[0].auc
    ('step', '', 0.53)

Sources: a classifier that is shown a part which should not suffice is how S. Gururangan et al. found tells (Annotation
Artifacts in Natural Language Inference Data, NAACL 2018); the presence of unigrams and bigrams under a regularised
linear model is the baseline of S. Wang and C. Manning (Baselines and Bigrams, ACL 2012); the variance of the AUC, with
the steps of a group as one cluster, is that of N. Obuchowski (Nonparametric Analysis of Clustered ROC Curve Data,
Biometrics 53, 1997), which without clusters is DeLong's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracemill.records import Claim
from tracemill.settings.failures import made
from tracemill.settings.plugins import load
from tracemill.tasks.kit.formulas import FormulaNode, read
from tracemill.tasks.task import DETAILS, Solution, Task
from tracemill.verifiers.audit_pieces import Mapped
from tracemill.verifiers.bag_of_words import Floats, Ints, WordTable, WrongFlags, fitted, scores, table_of, telling
from tracemill.verifiers.cases import draw, mistaken_solution
from tracemill.verifiers.intervals import wilson
from tracemill.verifiers.masking import names_of
from tracemill.verifiers.shown_parts import PARTS, Features, ShownPart, ShownSolution, shown

METHOD = "2"
"""Another one makes other figures of the same steps."""
LIMIT = 0.65
"""The AUC above which a reader tells wrong from right."""
ENOUGH = 20
"""Pairs from which on the lower end of the AUC's interval is held against the limit. Fewer decide nothing."""
_FOLDS = 5
_SEEN = 3
"""Groups in which a feature must occur: what stands in one or two problems says nothing about others."""
_READ = 40
"""Features that a reader learns from: those that differ most surely. So a tell is found among hundreds of words, and
the time stays within bounds."""
_NEAR = 2
"""Lines: so near two steps are in any solution, however short."""
_TELLS = 10
PROBLEMS = 150
"""Of each task in a build. Not every problem gives a pair. A task whose problems take long has an attribute
`leakage_problems` with its own number; a count and not a time, so that every machine measures the same."""
SEED = 0
"""Of the problems in a build, whatever its own seed: whether a task's wording is fit must not depend on luck."""
_PIECE = 50


@dataclass(frozen=True, slots=True)
class ShownPair:
    """What is shown of a wrong solution and of its match. `group` is that of their problem."""

    group: str
    mistake: str
    wrong: Features
    right: Features
    part: ShownPart = "step"


@dataclass(frozen=True, slots=True)
class Tell:
    """A feature: a word, two words in a row, a length, and the shares of wrong and right ones that have it."""

    words: str
    wrong: float
    right: float


@dataclass(frozen=True, slots=True)
class Leak:
    """How well one part of wrong solutions is told from that of right ones, for one mistake; for all mistakes together
    where `mistake` is empty.

    `low` and `high` bound the AUC with 95%. `tells` are the features that carry the most, the strongest first.
    """

    task: str
    mistake: str
    pairs: int
    auc: float
    low: float
    high: float
    tells: tuple[Tell, ...]
    part: ShownPart = "step"

    def above(self, limit: float) -> bool:
        """Whether wrong ones surely betray themselves: there are enough pairs, and all of the interval is above."""
        return self.pairs >= ENOUGH and self.low > limit


def leak_from(found: Mapping[str, Any]) -> Leak:
    """A leak again, from the plain data that `dataclasses.asdict` made of it."""
    return Leak(**{**found, "tells": tuple(Tell(**tell) for tell in found["tells"])})


def leakage(task: Task, problems: int, seed: int) -> list[Leak]:
    """The leaks of a task, measured on so many problems, part by part: of all mistakes, then of each by itself."""
    return measured(task.name, pairs_of(task, range(problems), seed))


@dataclass(frozen=True, slots=True)
class PairsPiece:
    """The pairs of the problems `start` … `stop` - 1 of a task; a piece of work as those of an audit are."""

    task: str
    start: int
    stop: int
    seed: int

    def result(self) -> list[ShownPair]:
        return pairs_of(made("task", self.task), range(self.start, self.stop), self.seed)


def problems_measured(task: str) -> int:
    """How many of a task's problems a build is measured by; 0 for a task whose steps no view labels."""
    return int(getattr(load("task", task), "leakage_problems", PROBLEMS))


def leakage_pieces(problems: Mapping[str, int], seed: int) -> list[PairsPiece]:
    """The pieces that measure tasks on so many problems each."""
    return [
        PairsPiece(task, at, min(at + _PIECE, count), seed)
        for task, count in problems.items()
        for at in range(0, count, _PIECE)
    ]


def leaks_of(pieces: Sequence[PairsPiece], found: Iterable[Sequence[ShownPair]], mapped: Mapped) -> list[Leak]:
    """The leaks of all tasks, from what their pieces gave. `mapped` says where they are measured."""
    pairs: dict[str, list[ShownPair]] = {piece.task: [] for piece in pieces}
    for piece, some in zip(pieces, found, strict=True):
        pairs[piece.task] += some
    return [leak for leaks in mapped(_measured_one, list(pairs.items())) for leak in leaks]


def _measured_one(task: tuple[str, Sequence[ShownPair]]) -> list[Leak]:
    return measured(*task)


def pairs_of(task: Task, indices: Iterable[int], seed: int) -> list[ShownPair]:
    """A pair of each part of each of these problems in which a mistake can be made, over all details."""
    found = []
    for index in indices:
        drawn = draw(task, index, seed, "leakage")
        detail = DETAILS[index // len(task.themes) % len(DETAILS)]
        mistaken = mistaken_solution(task, *drawn, detail) if drawn else None
        if drawn and mistaken:
            (problem, rng), (mistake, wrong, flaw) = drawn, mistaken
            right, names = task.solve(problem, rng, detail), names_of(problem)
            ones = ShownSolution.of(wrong, flaw, names)
            other = ShownSolution.of(right, match(wrong, flaw, right), names)
            found += [
                ShownPair(problem.group_id, mistake, shown(part, ones, other), shown(part, other, ones), part)
                for part in PARTS
            ]
    return found


def match(wrong: Solution, flaw: int, right: Solution) -> int:
    """The index of the line of a right solution that the wrong line at `flaw` is compared with: of its type and nearest
    to its place, if there is one within a quarter of the solution; else the one at its place. A place is a share of the
    solution: the last of seven lines is where the last of nine is."""
    last = len(right.lines) - 1
    place = round(flaw * last / max(len(wrong.lines) - 1, 1))
    kind = step_type(wrong.lines[flaw].claim)
    typed = [at for at, line in enumerate(right.lines) if step_type(line.claim) == kind]
    # Of two that are as near now the earlier one and now the later, so that neither side has more before it.
    nearest = min(typed, key=lambda at: (abs(at - place), (at - place) * (-1) ** flaw), default=place)
    return nearest if abs(nearest - place) <= max(last / 4, _NEAR) else place


def step_type(claim: Claim | None) -> tuple[str, ...]:
    """What sort of step claims this: the claim's kind, its fields, the outer shape of its formula, its events.

    >>> step_type(Claim("entailment", {"formula": "(= x (+ y 3))"}))
    ('entailment', 'formula', '=', '+', 'symbol')
    """
    if claim is None:
        return ()
    formula = claim.payload.get("formula")
    events = sorted({str(fact.get("event")) for fact in claim.payload.get("facts", ())})
    return claim.kind, *sorted(claim.payload), *(_outline(formula) if isinstance(formula, str) else ()), *events


def _outline(formula: str) -> tuple[str, ...]:
    try:
        node = read(formula)
    except ValueError:
        return ("another grammar",)  # of another kind of claim: its kind and fields are type enough
    if isinstance(node, str) or _sort(node) in ("symbol", "number"):
        return (_sort(node),)
    return str(node[0]), *sorted({_sort(part) for part in node[1:]})


def _sort(node: FormulaNode) -> str:
    if isinstance(node, str):
        return node if node in ("true", "false") else "number" if node[0].isdigit() else "symbol"
    parts = {_sort(part) for part in node[1:]}
    if node[0] == "not" or parts == {"number"}:
        return parts.pop()  # `(not x)` says of x what `x` does, and `(- (/ 1 2))` is a number as 3 is
    return str(node[0])


def measured(task: str, pairs: Sequence[ShownPair]) -> list[Leak]:
    """The leaks that these pairs show: of each part all mistakes together, then each by itself.

    One reader for all mistakes, because a model that is trained on the data reads all of it: where one mistake forgets
    to return and another returns too early, the word `returns` betrays neither.
    """
    leaks = []
    for part in PARTS:
        of_part = [pair for pair in pairs if pair.part == part]
        leaks += _measured(task, part, of_part) if of_part else []
    return leaks


def _measured(task: str, part: ShownPart, pairs: Sequence[ShownPair]) -> list[Leak]:
    groups = np.unique([pair.group for pair in pairs for _ in "wr"], return_inverse=True)[1]
    mistakes = np.array([pair.mistake for pair in pairs for _ in "wr"])
    wrong = np.tile([1.0, 0.0], len(pairs))
    table = table_of([one for pair in pairs for one in (pair.wrong, pair.right)], groups, _SEEN)
    found = _unseen_scores(table, wrong, groups)
    read = telling(table, wrong, wrong >= 0, _READ)
    weights = fitted(read, wrong, wrong >= 0)
    leaks = []
    for name in ["", *sorted({pair.mistake for pair in pairs})]:
        of_it = mistakes == name if name else wrong >= 0
        area, low, high = auc(found[of_it], wrong[of_it], groups[of_it])
        tells = _tells(read, weights, of_it & (wrong == 1), of_it & (wrong == 0))
        leaks.append(Leak(task, name, int(of_it.sum()) // 2, area, low, high, tells, part))
    return leaks


def _unseen_scores(table: WordTable, wrong: Floats, groups: Ints) -> Floats:
    """The score of each row by a model that saw no row of its group."""
    found = np.zeros(len(wrong))
    for fold in range(_FOLDS):
        held = groups % _FOLDS == fold
        read = telling(table, wrong, ~held, _READ)
        found[held] = scores(read, fitted(read, wrong, ~held))[held]
    return found


def auc(scores: Floats, wrong: Floats, groups: Ints) -> tuple[float, float, float]:
    """The area under the curve of `scores` for `wrong` (1) against right (0), and the ends of its 95% interval.

    The interval is Wilson's, of as many cases as give the clustered variance of the area, and never of more than
    there are groups: four pairs that are told apart are no proof, although their variance is 0.
    """
    hits, others = scores[wrong == 1], scores[wrong == 0]
    ahead = (hits[:, None] > others) + 0.5 * (hits[:, None] == others)
    area = float(ahead.mean())
    places = np.unique(groups, return_inverse=True)[1]
    count = int(places.max()) + 1
    clusters = np.bincount(places[wrong == 1], (ahead.mean(axis=1) - area) / len(hits), count)
    clusters += np.bincount(places[wrong == 0], (ahead.mean(axis=0) - area) / len(others), count)
    variance = float((clusters**2).sum()) * count / max(count - 1, 1)
    spread = area * (1 - area)
    cases = min(float(count), spread / variance) if variance > 0 else float(count)
    low, high = wilson(area * cases, cases)
    return round(area, 4), round(low, 4), round(high, 4)


def _tells(table: WordTable, weights: Floats, wrong: WrongFlags, right: WrongFlags) -> tuple[Tell, ...]:
    """The features that part these wrong rows from these right ones most: by weight times difference in share. What
    wrong ones have comes before what they lack, since it is easier to find and to mend."""
    in_wrong, in_right = table.shares(wrong), table.shares(right)
    weighed = weights[:-1] * (in_wrong - in_right)
    strength = np.round(weighed * np.where(in_wrong > in_right, 1.0, 0.5), 6)
    order = sorted(range(len(strength)), key=lambda at: (-strength[at], table.vocabulary[at]))
    return tuple(
        Tell(table.vocabulary[at], round(float(in_wrong[at]), 4), round(float(in_right[at]), 4))
        for at in order[:_TELLS]
    )
