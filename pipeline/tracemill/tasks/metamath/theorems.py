"""The theorems that become problems, by difficulty: found once, by reading every proof, and kept on disk.

A theorem is taken if its proof has 3 to 30 logical steps, of formulas whose symbols all stand in `notation.yaml`.
Difficulty is a quantile rank: theorems sorted by the steps of their proof, then by its depth, then by a hash.

With each theorem are kept lemmas that its proof does not use, to be shown among those that it does: `lookalikes`
conclude what a step concludes, from something else; `clashing` conclude it from what the step has, if variables were
distinct that are not. All of them are stated before it, and none is ever held out.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tracemill.claims.metamath import system, unifying
from tracemill.metamath import database, database_reader, grammar, keywords, logical_steps, proofs
from tracemill.metamath.database import Assertion, Database, DistinctPair
from tracemill.metamath.grammar import Tree, match
from tracemill.metamath.logical_steps import PROVABLE, Logic, LogicalStep
from tracemill.metamath.proofs import ProofStep, decoded
from tracemill.records import fingerprint
from tracemill.settings.kept_files import keep, kept_file, read_kept
from tracemill.tasks.metamath import notation, split
from tracemill.tasks.metamath.databases import digests, logic_of, present
from tracemill.tasks.metamath.notation import subject_of, symbols_of
from tracemill.tasks.metamath.split import Place, TheoremNode, places

_LOG = logging.getLogger(__name__)
MIN_STEPS, MAX_STEPS = 3, 30
MAX_TOKENS = 44
"""Of one formula."""
MAX_RULES = 14
MAX_HYPOTHESES = 8
MOST_DECOYS = 6
MOST_OF_DECOY = 3
"""So many hypotheses a decoy has at most."""
_POPULAR = 10
"""Of the lemmas of one shape so many are looked at for decoys, those that most proofs use."""
_PARTS = (database, database_reader, grammar, keywords, logical_steps, notation, proofs, split, system, unifying)
"""The modules that the pool is made by: a change to one makes the kept one stale."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A theorem. `group` and `may_be_held_out`: see `split.py`."""

    database: str
    theorem: str
    steps: int
    depth: int
    subject: str
    group: str
    may_be_held_out: bool
    lookalikes: tuple[str, ...]
    clashing: tuple[str, ...]
    difficulty: float

    @property
    def order(self) -> str:
        """The place in the fixed pseudo-random order in which theorems become problems."""
        return fingerprint("order", self.database, self.theorem)


@cache
def pool() -> tuple[Entry, ...]:
    """All theorems, in the order in which they become problems."""
    names = present()
    file = _file(names)
    rows = read_kept(file) if file else None
    if rows is None:
        if names:
            _LOG.warning("reading every proof of %s; the first time on a machine it takes a minute", ", ".join(names))
        rows = list(_rows(names))
        if file:
            keep(file, rows)
    return tuple(sorted(_ranked(rows), key=lambda entry: entry.order))


@cache
def members(subject: str, band: tuple[float, float]) -> Sequence[Entry]:
    low, high = band
    return [one for one in pool() if one.subject == subject and low <= one.difficulty <= high]


def _file(names: Sequence[str]) -> Path | None:
    code = [Path(part.__file__ or "").read_text("utf-8") for part in _PARTS]
    code += [Path(__file__).read_text("utf-8"), notation.FILE.read_text("utf-8")]
    return kept_file(f"metamath-{fingerprint(names, digests(names), code)}.json")


def _ranked(rows: list[Any]) -> Iterator[Entry]:
    rows = sorted(rows, key=lambda row: (row["steps"], row["depth"], fingerprint("rank", row["theorem"])))
    for rank, row in enumerate(rows):
        lists = {name: tuple(row[name]) for name in ("lookalikes", "clashing")}
        yield Entry(**{**row, **lists}, difficulty=(rank + 0.5) / len(rows))


def _rows(names: Iterable[str]) -> Iterator[dict[str, Any]]:
    logics = {name: logic_of(name) for name in names}
    nodes = {
        f"{name}:{theorem.label}": node_of(name, logic.database, theorem)
        for name, logic in logics.items()
        for theorem in logic.database.theorems
    }
    found = places(nodes)
    for name, logic in logics.items():
        yield from _Finder(name, logic, found).rows()


def statement_of(database: Database, theorem: Assertion) -> tuple[tuple[str, ...], ...]:
    """What a theorem states: its formulas with their variables by number, so that names make no difference."""
    numbers: dict[str, str] = {}
    formulas = (*(each.formula for each in theorem.essential), theorem.formula)
    return tuple(
        tuple(numbers.setdefault(one, f"?{len(numbers)}") if one in database.types else one for one in formula)
        for formula in formulas
    )


def labels_of(theorem: Assertion) -> list[str]:
    """The labels that a proof names."""
    words = theorem.proof.split()
    return words[1 : words.index(")")] if words[:1] == ["("] else list(dict.fromkeys(words))


def node_of(name: str, database: Database, theorem: Assertion) -> TheoremNode:
    """A theorem of the database of that name among all theorems (`split.py`)."""
    found = ((label, database.statements.get(label)) for label in labels_of(theorem))
    used = [f"{name}:{label}" for label, one in found if isinstance(one, Assertion) and one.kind == "$p"]
    return TheoremNode(statement_of(database, theorem), used)


class _Finder:
    """Looks through one database."""

    def __init__(self, name: str, logic: Logic, places: dict[str, Place]) -> None:
        self.name, self.logic, self.places = name, logic, places
        self.known = symbols_of(name).keys()
        self.shapes = self._shapes()

    def rows(self) -> Iterator[dict[str, Any]]:
        for theorem in self.logic.database.theorems:
            if theorem.formula[0] == PROVABLE and len(theorem.essential) <= MAX_HYPOTHESES:
                row = self._row(theorem)
                if row is not None:
                    yield row

    def _row(self, theorem: Assertion) -> dict[str, Any] | None:
        logic = self.logic
        proof: list[ProofStep] = decoded(logic.database, theorem)
        logical = [one for one in proof if one.statement.formula[0] == PROVABLE]
        if not MIN_STEPS <= len(logical) <= MAX_STEPS + len(theorem.essential) or not self._is_known(theorem):
            return None
        steps = logic.steps(theorem)
        rules = {step.rule for step in steps if step.rule in logic.database.statements and _is_rule(logic, step.rule)}
        count = sum(_is_rule(logic, step.rule) for step in steps)
        if not MIN_STEPS <= count <= MAX_STEPS or len(rules) > MAX_RULES or not all(map(self._fits, rules)):
            return None
        tokens = [logic.grammar.tokens(step.formula) for step in steps]
        if max(map(len, tokens)) > MAX_TOKENS or not all(map(self._are_known, tokens)):
            return None
        place = self.places[f"{self.name}:{theorem.label}"]
        lookalikes, clashing = self._decoys(theorem, steps, rules)
        return {
            "database": self.name,
            "theorem": theorem.label,
            "steps": count,
            "depth": _depth(steps),
            "subject": subject_of({token for some in tokens for token in some}, self.name),
            "group": place.group,
            "may_be_held_out": place.may_be_held_out,
            "lookalikes": lookalikes,
            "clashing": clashing,
        }

    def _is_known(self, assertion: Assertion) -> bool:
        formulas = [assertion.formula, *(one.formula for one in assertion.essential)]
        return all(self._are_known(formula[1:]) for formula in formulas)

    def _are_known(self, tokens: Iterable[str]) -> bool:
        types = self.logic.database.types
        return all(token in self.known or token in types for token in tokens)

    def _fits(self, label: str) -> bool:
        assertion = self.logic.database.statements[label]
        return isinstance(assertion, Assertion) and self._is_known(assertion)

    def _shapes(self) -> dict[tuple[str, ...], list[tuple[int, system.ShownRule]]]:
        """Lemmas with their numbers by the shape of what they conclude: those that most proofs use, with and without
        variables that must be distinct."""
        database = self.logic.database
        uses = Counter(label for theorem in database.theorems for label in labels_of(theorem))
        found: dict[tuple[str, ...], list[tuple[int, system.ShownRule]]] = defaultdict(list)
        counts: Counter[tuple[object, ...]] = Counter()
        for label, _ in sorted(uses.items(), key=lambda each: (-each[1], each[0])):
            assertion = database.statements.get(label)
            if not isinstance(assertion, Assertion) or not self._may_be_shown(assertion):
                continue
            tree = self.logic.tree(assertion)
            if isinstance(tree, str):
                continue
            shape = _shape(tree)
            counts[shape, bool(assertion.distinct)] += 1
            if counts[shape, bool(assertion.distinct)] <= _POPULAR:
                hypotheses = tuple(map(self.logic.tree, assertion.essential))
                rule = system.ShownRule(label, hypotheses, tree, assertion.distinct, 0)
                found[shape].append((assertion.number, rule))
        return found

    def _may_be_shown(self, assertion: Assertion) -> bool:
        place = self.places.get(f"{self.name}:{assertion.label}")
        if assertion.formula[0] != PROVABLE or (place and place.may_be_held_out):
            return False
        short = len(assertion.essential) <= MOST_OF_DECOY and len(assertion.formula) <= MAX_TOKENS
        return short and self._is_known(assertion)

    def _decoys(self, theorem: Assertion, steps: Sequence[LogicalStep], used: set[str]) -> tuple[list[str], list[str]]:
        lookalikes: dict[str, None] = {}
        clashing: dict[str, None] = {}
        allowed: frozenset[DistinctPair] = theorem.distinct | theorem.optional
        for step in steps:
            if not _is_rule(self.logic, step.rule) or isinstance(step.formula, str):
                continue
            given = [steps[one].formula for one in step.premises]
            for rule in self._alike(step.formula, theorem):
                if rule.label in used or rule.label in lookalikes or rule.label in clashing:
                    continue
                sort = _sort(rule, step.formula, given, allowed)
                if sort:
                    (clashing if sort == "clash" else lookalikes)[rule.label] = None
        chosen = sorted(lookalikes, key=lambda one: fingerprint("decoy", theorem.label, one))
        return chosen[:MOST_DECOYS], list(clashing)[:2]

    def _alike(self, formula: Tree, theorem: Assertion) -> Iterator[system.ShownRule]:
        for shape in _shapes_of(formula):
            for number, rule in self.shapes.get(shape, ()):
                if number < theorem.number:
                    yield rule


def _sort(rule: system.ShownRule, formula: Tree, given: Sequence[Tree], allowed: frozenset[DistinctPair]) -> str:
    """What a lemma has to do with a step: `clash` (it would apply, were some variables distinct), `other` (only what it
    concludes fits) or nothing that makes it a decoy."""
    if not match(rule.formula, formula, {}):
        return ""
    sort = "other"
    for values in unifying.substitutions(rule, formula, given):
        if unifying.clash(rule, values, allowed) is None:
            return ""
        sort = "clash"
    return sort


def _is_rule(logic: Logic, label: str) -> bool:
    return isinstance(logic.database.statements[label], Assertion)


def _shape(tree: Tree) -> tuple[str, ...]:
    """The syntax axiom on top of a formula and those of its parts, `*` for a variable."""
    return (str(tree[0]), *("*" if isinstance(part, str) else str(part[0]) for part in tree[1:]))


def _shapes_of(formula: Tree) -> Iterator[tuple[str, ...]]:
    """The shapes that could be of a lemma which concludes this formula, without the one that fits everything."""
    shape = _shape(formula)
    if len(shape) > 5:
        yield shape
        return
    for bits in range(2 ** (len(shape) - 1) - 1):
        yield (shape[0], *(one if not bits >> at & 1 else "*" for at, one in enumerate(shape[1:])))


def _depth(steps: Sequence[LogicalStep]) -> int:
    depths: list[int] = []
    for step in steps:
        depths.append(1 + max((depths[one] for one in step.premises), default=-1))
    return depths[-1]
