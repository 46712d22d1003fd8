"""What a source is: it lists small work items on the driver; workers turn them into problems, anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from tracemill.records import Decision, Payload, Problem
from tracemill.records.licences import Notice


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A piece of a source: at most a few hundred problems. `payload` is plain JSON and all that `produce` needs: the
    rows themselves, where only the driver can read them, or what a worker on another machine reads them by. `bytes`:
    about what its rows take in memory, where they are not in the payload."""

    id: str
    payload: Payload
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """What every source of a build shares. `bench_share` is the share of groups that are held out. `begun`: of parts
    that builds before this one made problems of, how many indices these used up; a source begins behind them."""

    seed: int
    bench_share: float
    begun: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A numbered row of problems. `identity` is what they depend on (names, versions, digests, mapping), without how
    many there are; `count` is how many indices there are, with those that builds before this one used
    (`Context.begun`). A build may add parts and grow counts, nothing else."""

    identity: Payload
    count: int


class ProblemSource(Protocol):
    """Made from its config (a pydantic model, `Config`) and the context, both picklable.

    Problems of an item are the same whoever produces them, and in whatever order.
    """

    Config: ClassVar[Any]

    def __init__(self, config: Any, context: Context) -> None: ...

    def check(self) -> None:
        """Reads what must be readable before anything is written.

        Raises:
            UsageError: a file, field or name is not there.
        """

    def parts(self) -> Mapping[str, SourcePart]:
        """Its parts by name (tasks, files); names are unique within a build."""

    def upper_bound(self) -> Mapping[str, int]:
        """By full domain name (with its theme), at most how many problems there can be."""

    def languages(self) -> Sequence[str]:
        """ISO 639 codes of the languages in which its problems and their solutions are written, such as `en`; empty if
        its author does not say."""

    def notices(self) -> Sequence[Notice]:
        """What the licences of its problems ask to go along with them, as far as it is known.

        Raises:
            UsageError: a file with a licence's text cannot be read.
        """

    def items(self, done: Mapping[str, int]) -> Iterator[WorkItem]:
        """The work beyond the counts that are already `done`, by part, and beyond those of `Context.begun`.

        Ids are unique within a build and name the whole range of the item: one that grew is another item.
        """

    def produce(self, item: WorkItem) -> Iterable[Problem | Decision]:
        """The problems of an item; a bad line is a `Decision` of subject `line` with its reason. Whether the expected
        answers can be read need not be looked at: that is done for every source (`golds.py`)."""
