"""The oracle of problems over a few variables with few values each: every assignment is tried on the formulas.

A set of assignments is an integer with one bit for each. What a formula allows is found from what its parts allow, by
operations on such sets: of a truth value where it is true, of a number where it has which value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import pairwise, product
from operator import and_, or_, xor
from typing import ClassVar, TypeAlias

from tracemill.records import Claim, Problem, Step, premise
from tracemill.tasks.kit.formulas import FormulaNode, OracleValue, evaluate, read

Space: TypeAlias = tuple[tuple[str, tuple[OracleValue, ...]], ...]
"""Each symbol with its values."""

_LOGIC = frozenset({"true", "false", "not", "and", "or", "xor", "=>", "="})


class AssignmentOracle:
    """Premise 0 declares the symbols, the others are formulas.

    A step is right if its formula is true in every assignment in which what it uses, and what it assumes, is true; an
    assignment need not satisfy the other premises, so that a wrong step under an assumption that fails anyway is wrong.
    One that only cites too little is not wrong: its formula is true wherever the premises and its assumptions are; or,
    where these are never true together, wherever its assumptions and the earlier steps are.
    """

    method: ClassVar[str] = "enumeration of all assignments"

    def values(self, problem: Problem) -> Mapping[str, Sequence[OracleValue]]:
        """The values of each symbol; a task with other sorts than Bool says them."""
        return dict.fromkeys(problem.premises[0].payload, (False, True))

    def models(self, problem: Problem) -> list[dict[str, OracleValue]]:
        """The assignments in which all premises are true."""
        space = self._space(problem)
        allowed = _all_of(problem.premises[1:], space)
        all_values = product(*(values for _, values in space))
        names = [name for name, _ in space]
        return [dict(zip(names, values, strict=True)) for at, values in enumerate(all_values) if allowed >> at & 1]

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Raises ValueError for a claim that is no formula over the problem's symbols, or a use of what states none."""
        space = self._space(problem)
        premises = _all_of(problem.premises[1:], space)
        found = _everything(space)
        """Where the steps are true that follow from what they use."""
        for number, step in enumerate(steps):
            if step.claim is None:
                continue
            used = _all_of([_used(problem, steps, use, number) for use in step.uses if use != premise(0)], space)
            fails = _everything(space) & ~_allowed(step.claim, space)
            if not used & fails:
                found &= _allowed(step.claim, space)
            elif _is_wrong(fails, _assumed(step.claim, space), premises, used & found):
                return number
        return None

    def _space(self, problem: Problem) -> Space:
        return tuple((name, tuple(values)) for name, values in self.values(problem).items())


def _is_wrong(fails: int, assumed: int, premises: int, found: int) -> bool:
    """Whether a formula that fails in these assignments, and does not follow from what its step uses, is wrong: not
    only badly cited."""
    for known in (premises & assumed, found & assumed):
        if known:
            return bool(known & fails)
    # All contradicts the assumptions already. To say just that is badly cited; what else is said rests on nothing else.
    return fails != assumed


def _all_of(claims: Iterable[Claim], space: Space) -> int:
    """The assignments in which all of these claims are true."""
    return reduce(and_, (_allowed(claim, space) for claim in claims), _everything(space))


def _used(problem: Problem, steps: Sequence[Step], use: int, number: int) -> Claim:
    if use >= number:
        raise ValueError(f"step {number} uses step {use}, which does not come before it")
    claim = steps[use].claim if use >= 0 else problem.premises[-1 - use]
    if claim is None:
        raise ValueError(f"step {number} uses step {use}, which claims nothing")
    return claim


def _allowed(claim: Claim, space: Space) -> int:
    """The assignments in which a claim is true: those in which its assumptions, if it has some, imply its formula."""
    if claim.kind != "entailment":
        raise ValueError(f"a claim of kind {claim.kind!r}; this oracle reads entailment")
    return _table(claim.payload["formula"], space) | _everything(space) & ~_assumed(claim, space)


def _assumed(claim: Claim, space: Space) -> int:
    """The assignments in which all that a claim assumes is true."""
    tables = (_table(formula, space) for formula in claim.payload.get("assume", ()))
    return reduce(and_, tables, _everything(space))


@lru_cache(maxsize=1024)
def _table(text: str, space: Space) -> int:
    formula = read(text)
    inside = _atoms(formula)
    truths = {name for name, values in space if all(isinstance(value, bool) for value in values)}
    if inside <= truths | _LOGIC:
        return _truth_table(formula, space)
    return _tried(text, formula, space)


def _truth_table(node: FormulaNode, space: Space) -> int:
    """Where a formula of truth values is true.

    Raises:
        ValueError: an operator has too few operands, or stands where a value should.
    """
    everything = _everything(space)
    if isinstance(node, str):
        if node in _LOGIC - {"true", "false"}:
            raise ValueError(f"unknown symbol {node!r}")
        return everything * (node == "true") if node in _LOGIC else _masks(space).get((node, True), 0)
    head, parts = node[0], [_truth_table(part, space) for part in node[1:]]
    if head == "not" and len(parts) == 1:
        return everything & ~parts[0]
    if head in ("and", "or", "xor") and parts:
        return reduce({"and": and_, "or": or_, "xor": xor}[str(head)], parts)
    if head == "=>" and len(parts) > 1:
        return everything & (parts[-1] | ~reduce(and_, parts[:-1]))
    if head == "=" and len(parts) > 1:
        return reduce(and_, (everything & ~(one ^ other) for one, other in pairwise(parts)))
    raise ValueError(f"no operator {head!r} of {len(parts)} truth values")


def _tried(text: str, formula: FormulaNode, space: Space) -> int:
    """Where a formula is true, from where each of its parts has which value.

    Raises:
        ValueError: it is a number, or cannot be evaluated.
    """
    found = _by_value(formula, space)
    if not all(isinstance(value, bool) for value in found):
        raise ValueError(f"{text!r} is a number, not a claim")
    return found.get(True, 0)


def _by_value(node: FormulaNode, space: Space) -> dict[OracleValue, int]:
    """Each value that a term has somewhere, with the assignments in which it has that."""
    if isinstance(node, str):
        own = {value: mask for (name, value), mask in _masks(space).items() if name == node}
        return own or {evaluate(node, {}): _everything(space)}
    head, parts = node[0], [_by_value(part, space) for part in node[1:]]
    if head == "+" and len(parts) > 2:
        # One after another: so a sum of eight terms has at most nine values on the way, and not 256 combinations.
        return reduce(lambda one, other: _combined("+", [one, other]), parts)
    return _combined(head, parts)


def _combined(head: FormulaNode, parts: Sequence[dict[OracleValue, int]]) -> dict[OracleValue, int]:
    """The values of an operator's term, from those of its operands."""
    found: dict[OracleValue, int] = {}
    sorts: set[bool] = set()
    names = tuple(f"operand {at}" for at in range(len(parts)))
    for cases in product(*(part.items() for part in parts)):
        where = reduce(and_, (mask for _, mask in cases))
        if where:
            value = evaluate((head, *names), dict(zip(names, (value for value, _ in cases), strict=True)))
            found[value] = found.get(value, 0) | where
            sorts.add(isinstance(value, bool))
    if len(sorts) > 1:  # of the values alone that is not seen: True is 1
        raise ValueError(f"{head!r} is a truth value here and a number there")
    return found


def _atoms(node: FormulaNode) -> set[str]:
    return {node} if isinstance(node, str) else {atom for part in node for atom in _atoms(part)}


@lru_cache(maxsize=64)
def _everything(space: Space) -> int:
    count = 1
    for _, values in space:
        count *= len(values)
    return (1 << count) - 1


@lru_cache(maxsize=8)
def _masks(space: Space) -> dict[tuple[str, OracleValue], int]:
    """For each symbol and value the assignments with it, numbered as `itertools.product` orders them."""
    masks: dict[tuple[str, OracleValue], int] = {(name, value): 0 for name, values in space for value in values}
    for at, values in enumerate(product(*(values for _, values in space))):
        for (name, _), value in zip(space, values, strict=True):
            masks[name, value] |= 1 << at
    return masks
