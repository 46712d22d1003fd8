"""The audit of several verifiers, cut into pieces that can be done anywhere and in any order.

A piece is what one worker does in a second or so: the canaries of a verifier, or a range of cases of a task, which are
made once and judged by every verifier. How the work is cut does not depend on how many workers there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from tracemill.records import Payload
from tracemill.settings.failures import made, naming_plugins
from tracemill.verifiers.audit import AuditReport, Findings, findings_on, findings_on_canaries, report_of
from tracemill.verifiers.verifier import Verifier, make_verifier

CASES = 25
"""Problems of a piece."""
IN_TURN = 8
"""Pieces that one worker does one after the other, at most."""

NamedVerifiers: TypeAlias = Sequence[tuple[str, Payload]]
"""Installed verifiers, each with the parameters of its config."""
FindingsByVerifier: TypeAlias = Mapping[str, Findings]
"""By the verifier's name."""


class Piece(Protocol):
    """Pickled to the worker that does it."""

    def result(self) -> Any:
        """What came out, to be pickled back."""


Mapped: TypeAlias = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""Like the built-in `map`, and `Executor.map`: results in the order of the inputs, wherever they are made."""


def do_piece(piece: Piece) -> Any:
    """Raises: PluginError: a verifier or a task has a bug."""
    with naming_plugins():
        return piece.result()


@dataclass(frozen=True, slots=True)
class CanariesPiece:
    """The canaries of a verifier, see `findings_on_canaries`."""

    verifier: tuple[str, Payload]
    kinds: tuple[str, ...] | None
    known: tuple[str, ...] | None = None

    def result(self) -> FindingsByVerifier:
        with closing(make_verifier(*self.verifier)) as verifier:
            return {self.verifier[0]: findings_on_canaries(verifier, self.kinds, self.known)}


@dataclass(frozen=True, slots=True)
class CasesPiece:
    """Cases of the problems `start` … `stop` - 1 of a task, for these verifiers."""

    verifiers: tuple[tuple[str, Payload], ...]
    task: str
    start: int
    stop: int
    seed: int

    def result(self) -> FindingsByVerifier:
        with ExitStack() as stack:
            verifiers: list[Verifier] = [
                stack.enter_context(closing(make_verifier(name, parameters))) for name, parameters in self.verifiers
            ]
            found = findings_on(verifiers, made("task", self.task), range(self.start, self.stop), self.seed)
        return {name: findings for (name, _), findings in zip(self.verifiers, found, strict=True)}


@dataclass(frozen=True, slots=True)
class PiecesInTurn:
    """Pieces that one worker does one after the other."""

    pieces: tuple[Piece, ...]

    def result(self) -> list[Any]:
        """What each of them gave."""
        return [piece.result() for piece in self.pieces]


def done_in_turn(pieces: Sequence[Piece], mapped: Mapped, step: Callable[[int], None]) -> list[Any]:
    """What each piece gave. Those of one task are done by one worker: the processes that the task and its checkers
    start, and what these import, serve all of them. `step` hears how many are done each time."""
    by_task: dict[object, list[int]] = {}
    for number, piece in enumerate(pieces):
        by_task.setdefault(getattr(piece, "task", number), []).append(number)
    groups = [some[at : at + IN_TURN] for some in by_task.values() for at in range(0, len(some), IN_TURN)]
    work = [PiecesInTurn(tuple(pieces[number] for number in group)) for group in groups]
    found: dict[int, Any] = {}
    for group, results in zip(groups, mapped(do_piece, work), strict=True):
        found.update(zip(group, results, strict=True))
        step(len(group))
    return [found[number] for number in range(len(pieces))]


@dataclass(frozen=True, slots=True)
class AuditOrder:
    """What is audited: verifiers, on `per_task` problems of each task (full names, `area.field.task`), and on the
    canaries of the claims of these `kinds` and of those in the problems' solutions; on all canaries where `kinds` is
    None."""

    verifiers: tuple[tuple[str, Payload], ...]
    tasks: tuple[str, ...]
    per_task: int
    seed: int
    kinds: tuple[str, ...] | None = None

    def pieces(self) -> list[Piece]:
        """The canaries come first: those that must hang until a deadline take longest, and others go on meanwhile."""
        canaries = [CanariesPiece(verifier, self.kinds) for verifier in self.verifiers]
        cases = [
            CasesPiece(self.verifiers, task, start, min(start + CASES, self.per_task), self.seed)
            for task in self.tasks
            for start in range(0, self.per_task, CASES)
        ]
        return [*canaries, *cases]

    def reports(self, found: Iterable[FindingsByVerifier], mapped: Mapped) -> list[AuditReport]:
        """A report of each verifier, from what the pieces gave, in their order. The canaries of kinds that only the
        cases brought up are tried now."""
        all_found = list(found)
        kinds = self.kinds
        if kinds is not None:
            seen = {kind for one in all_found for findings in one.values() for kind in findings.kinds}
            if seen - set(kinds):
                every = tuple(sorted(seen.union(kinds)))
                late = [CanariesPiece(verifier, every, kinds) for verifier in self.verifiers]
                all_found += mapped(do_piece, late)
        reports = []
        for name, parameters in self.verifiers:
            with closing(make_verifier(name, parameters)) as verifier:
                reports.append(report_of(verifier, [one[name] for one in all_found if name in one], kinds))
        return reports


def audit(
    verifiers: NamedVerifiers,
    tasks: Sequence[str],
    per_task: int,
    seed: int,
    kinds: Collection[str] | None = None,
    mapped: Mapped = map,
) -> list[AuditReport]:
    """Audits installed verifiers, see `AuditOrder`; `mapped` says where its pieces are done.

    Raises:
        UsageError: no such verifier or task.
    """
    order = AuditOrder(tuple(verifiers), tuple(tasks), per_task, seed, None if kinds is None else tuple(kinds))
    return order.reports(mapped(do_piece, order.pieces()), mapped)
