"""Leakage: can a reader who sees one step alone, its numbers and names masked, say whether it is the wrong one?

Each flawed solution of a task gives a pair: its first wrong step, and the step of that type and place in a right
solution of the same problem. A linear model reads the words of each (unigrams, bigrams, a bucket of its length) and is
scored on problems that it has not seen. Its AUC is the chance that it ranks a wrong step above a right one: 0.5 where
the wording says nothing, 1.0 where a phrase stands in wrong steps only. A reward model would learn that phrase.

    >>> leaks = leakage(load("task", "logic.puzzle.knights_knaves")(), pairs=300, seed=0)
    >>> leaks[0].mistake, leaks[0].auc
    ('', 0.93)

Sources: a classifier that is shown a part which should not suffice is how S. Gururangan et al. found tells (Annotation
Artifacts in Natural Language Inference Data, NAACL 2018); the presence of unigrams and bigrams under a regularised
linear model is the baseline of S. Wang and C. Manning (Baselines and Bigrams, ACL 2012); the variance of the AUC, with
the steps of a group as one cluster, is that of N. Obuchowski (Nonparametric Analysis of Clustered ROC Curve Data,
Biometrics 53, 1997), which without clusters is DeLong's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tracemill.records import Claim, Problem, fingerprint
from tracemill.sources.domains import problem_from
from tracemill.tasks.kit.formulas import Node, read
from tracemill.tasks.task import Line, Request, Solution, Task
from tracemill.verifiers.bag_of_words import Floats, Ints, Table, Truths, fitted, scores, table_of
from tracemill.verifiers.intervals import wilson
from tracemill.verifiers.masking import masked, names_of

LIMIT = 0.65
"""The AUC above which the wording of steps betrays the wrong ones."""
ENOUGH = 200
"""Pairs from which on the AUC itself is held against the limit; of fewer, the lower end of its interval is."""
_FOLDS = 5
_SEEN = 3
"""Groups in which a feature must occur: what stands in one or two problems says nothing about others."""
_TELLS = 10
_BAND = (0.0, 1.0)
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Pair:
    """A wrong step and its match, both masked. `group` is that of their problem."""

    group: str
    mistake: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class Tell:
    """A word, two words in a row, or a length (`<8 words or more>`: up to 11), and the shares of wrong and right steps
    that have it."""

    words: str
    wrong: float
    right: float


@dataclass(frozen=True, slots=True)
class Leak:
    """How well wrong steps of a mistake (empty: of all mistakes together) are told from right ones.

    `low` and `high` bound the AUC with 95%. `tells` are the features that carry the most, the strongest first.
    """

    task: str
    mistake: str
    pairs: int
    auc: float
    low: float
    high: float
    tells: tuple[Tell, ...]

    def above(self, limit: float) -> bool:
        """Whether the steps betray themselves: decided by the AUC where there are enough pairs, else by `low`."""
        return (self.auc if self.pairs >= ENOUGH else self.low) > limit


def leakage(task: Task, pairs: int, seed: int) -> list[Leak]:
    """The leaks of a task, measured on as many problems as `pairs`: all mistakes together, then each by itself."""
    return measured(task.name, pairs_of(task, range(pairs), seed))


def pairs_of(task: Task, indices: Iterable[int], seed: int) -> list[Pair]:
    """A pair of each of these problems in which a mistake can be made. Mistakes are drawn as the symbolic teacher draws
    them, so that they stand in the same proportions as in a build."""
    found = []
    for index in indices:
        number = int(fingerprint("leakage", seed, task.name, index, digits=12), 16)
        theme = task.themes[index % len(task.themes)]
        request = Request(index, theme, (index + 1) * _GOLDEN % 1.0, _BAND, random.Random(number))
        draft = task.make(request)
        if draft is not None:
            pair = _pair(task, problem_from(draft, task, request, number, 0.0), random.Random(number))
            found += [pair] if pair else []
    return found


def _pair(task: Task, problem: Problem, rng: random.Random) -> Pair | None:
    for misconception in rng.sample(task.misconceptions, len(task.misconceptions)):
        flawed = task.err(problem, misconception.name, rng)
        if flawed is not None and flawed.flaw is not None:
            wrong = flawed.lines[flawed.flaw.index]
            right = match(wrong, flawed.flaw.index, task.solve(problem, rng))
            names = names_of(problem)
            return Pair(problem.group_id, misconception.name, masked(wrong.text, names), masked(right.text, names))
    return None


def match(wrong: Line, index: int, clean: Solution) -> Line:
    """The line of a right solution that a wrong one at `index` is compared with: the nearest of its type; where there
    is none of that type, the one at the same place, or the last."""
    typed = [at for at, line in enumerate(clean.lines) if step_type(line.claim) == step_type(wrong.claim)]
    if typed:
        return clean.lines[min(typed, key=lambda at: (abs(at - index), at))]
    return clean.lines[min(index, len(clean.lines) - 1)]


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


def _sort(node: Node) -> str:
    if isinstance(node, str):
        return node if node in ("true", "false") else "number" if node[0].isdigit() else "symbol"
    parts = {_sort(part) for part in node[1:]}
    if node[0] == "not" or parts == {"number"}:
        return parts.pop()  # `(not x)` says of x what `x` does, and `(- (/ 1 2))` is a number as 3 is
    return str(node[0])


def measured(task: str, pairs: Sequence[Pair]) -> list[Leak]:
    """The leaks that these pairs show, all together and then by mistake: how one reader parts them from their matches.

    One reader for all mistakes, because a model that is trained on the data reads all of it: where one mistake forgets
    to return and another returns too early, the word `returns` betrays neither.
    """
    if not pairs:
        return []
    groups = np.unique([pair.group for pair in pairs for _ in "wr"], return_inverse=True)[1]
    mistakes = np.array([pair.mistake for pair in pairs for _ in "wr"])
    wrong = np.tile([1.0, 0.0], len(pairs))
    table = table_of([text for pair in pairs for text in (pair.wrong, pair.right)], groups, _SEEN)
    found, weights = _unseen_scores(table, wrong, groups), fitted(table, wrong, wrong >= 0)
    leaks = []
    for name in ["", *sorted({pair.mistake for pair in pairs})]:
        of_it = mistakes == name if name else wrong >= 0
        area, low, high = auc(found[of_it], wrong[of_it], groups[of_it])
        tells = _tells(table, weights, of_it & (wrong == 1), of_it & (wrong == 0))
        leaks.append(Leak(task, name, int(of_it.sum()) // 2, area, low, high, tells))
    return leaks


def _unseen_scores(table: Table, wrong: Floats, groups: Ints) -> Floats:
    """The score of each row by a model that saw no row of its group."""
    found = np.zeros(len(wrong))
    for fold in range(_FOLDS):
        held = groups % _FOLDS == fold
        found[held] = scores(table, fitted(table, wrong, ~held))[held]
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


def _tells(table: Table, weights: Floats, wrong: Truths, right: Truths) -> tuple[Tell, ...]:
    """The features that part these wrong rows from these right ones most: by weight times difference in share."""
    in_wrong, in_right = table.shares(wrong), table.shares(right)
    strength = np.round(weights[:-1] * (in_wrong - in_right), 6)
    order = sorted(range(len(strength)), key=lambda at: (-strength[at], table.vocabulary[at]))
    return tuple(
        Tell(table.vocabulary[at], round(float(in_wrong[at]), 4), round(float(in_right[at]), 4))
        for at in order[:_TELLS]
    )
