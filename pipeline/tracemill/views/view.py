"""What a view is: a schema, what a row is made of, which traces it takes, and the row; and its settings in a config."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from tracemill.records import Estimate, Payload, Problem, Split, Trace, Verdict
from tracemill.settings.plugins import load
from tracemill.views.columns import COMMON
from tracemill.views.groups import Grouping

ViewRow = dict[str, Any]
"""A value for each column of the view's schema."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """What one row is made of: a problem, and of its traces those that selection chose, in its order (of a pair the
    better one first). `verdicts`: for each of the traces the verdicts that count, by verifier. `estimate`: how often a
    model solves the problem, where that was measured."""

    problem: Problem
    traces: tuple[Trace, ...]
    verdicts: tuple[Mapping[str, Verdict], ...]
    stage: str
    estimate: Estimate | None = None

    def single(self) -> tuple[Trace, Mapping[str, Verdict]]:
        """The only trace, with its verdicts.

        Raises:
            ValueError: there are none, or several.
        """
        if len(self.traces) != 1:
            raise ValueError(f"a row of one trace cannot be made of {len(self.traces)} (problem {self.problem.id})")
        return self.traces[0], self.verdicts[0]


Policy = Callable[[Sequence[str]], pl.Expr]
"""From the verifiers that the config requires to an expression: the reason against a trace, null where there is none.

It is evaluated on one row per trace, with the columns of `selection.candidates` and, for each verifier v that is
required or that the view reads, `v.outcome`, `v.first_refuted` and `v.entailed_prefix` (null where v has not judged the
trace)."""


class NoViewSettings(BaseModel):
    """The config of a view that has nothing to be set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str


@dataclass(frozen=True, slots=True)
class View:
    """One view, for the table of views (`settings.plugins`) or the entry-point group `tracemill.views`.

    `version`: another one makes selection and the view's rows again.
    `schema`: made by `columns.view_schema`.
    `grouping`: what a row is made of, see `groups`.
    `policy`: which traces may enter, and why the others may not. Nothing but `verified` or `refuted` may let one in.
    `row`: the row of a group. It raises ValueError where the verdicts do not carry the row, so that a mistake in the
    policy cannot become a label.
    `needs`: verifiers without a verdict of one of which nothing enters, whatever the config requires; `also_reads`:
    others whose verdicts count where there are any.
    `split`: whether its problems are those to train on, or those that are held out.
    `calls_tools`: whether its rows are conversations that call tools; it takes no others, and other views none of them.
    `task`: the Hub's name for what it is used for.
    `use`: the same for the card, in words, and `snippet`: Python that trains on it, with `{load}` where its rows are
    loaded into `rows`.
    `Config`: the pydantic model of its settings, whose `kind` is the view's name. `configured`: the view that these
    settings make of it; only schema and rows may differ.
    """

    version: str
    schema: pa.Schema
    grouping: Grouping
    policy: Policy
    row: Callable[[RowGroup], ViewRow]
    needs: tuple[str, ...] = ()
    also_reads: tuple[str, ...] = ()
    split: Split = "train"
    calls_tools: bool = False
    task: str = "text-generation"
    use: str = ""
    snippet: str = "from datasets import load_dataset\n\n{load}"
    Config: type[BaseModel] = NoViewSettings
    configured: Callable[[Any], View] | None = None

    def __post_init__(self) -> None:
        """
        Raises:
            ValueError: a part that cannot be; it is raised where the module of a plugin is imported, which names it.
        """
        names = self.schema.names
        lacking = [field.name for field in COMMON if field.name not in names]
        for is_wrong, said in (
            (not self.version, "its version is empty"),
            (self.split not in get_args(Split), f"its split is {self.split!r}, and not {' or '.join(get_args(Split))}"),
            (bool(lacking), f"its schema lacks {', '.join(lacking)}; make it with columns.view_schema"),
            (len(set(names)) < len(names), f"its schema has a column twice: {', '.join(names)}"),
        ):
            if is_wrong:
                raise ValueError(f"a view cannot be so: {said}")

    @property
    def reads(self) -> tuple[str, ...]:
        """The verifiers whose verdicts it is chosen or labelled by, apart from those that the config requires."""
        return (*self.needs, *self.also_reads)


def view_with(name: str, settings: Payload) -> View:
    """An installed view with its settings in a config; without any it has their defaults.

    Raises:
        UsageError: no such view.
        pydantic.ValidationError: it has no such settings.
    """
    view: View = load("view", name)
    config = view.Config(kind=name, **settings)
    return view.configured(config) if view.configured else view


def encode(view: str, schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Rows of one view as a batch of its schema. `view` is its name, for the messages.

    Raises:
        ValueError: a row that lacks a column or has one too many, or a null where a value must be: Arrow would fill in,
            drop or keep these.
        pyarrow.ArrowInvalid: a value that the column cannot hold (a subclass of ValueError).
        UnicodeEncodeError: a lone surrogate (a subclass of ValueError).
    """
    names = set(schema.names)
    for row in rows:
        if row.keys() != names:
            off = ", ".join(sorted(names ^ row.keys()))
            raise ValueError(f"a row of view {view!r} lacks or adds the columns {off}; see docs/schema.md")
    columns = [pa.array([row[field.name] for row in rows], type=field.type) for field in schema]
    for field, column in zip(schema, columns, strict=True):
        _require_values(f"{view}.{field.name}", column, field.nullable)
    return pa.record_batch(columns, schema=schema)


def _require_values(name: str, column: pa.Array, nullable: bool) -> None:
    if column.null_count:
        if not nullable:
            raise ValueError(f"{name} is null in {column.null_count} of {len(column)} places; it must have a value")
        column = column.drop_null()
    if pa.types.is_floating(column.type) and not pc.all(pc.is_finite(column), min_count=0).as_py():
        raise ValueError(f"{name} is infinite or not a number in some places, which JSON cannot say; make it null")
    if pa.types.is_list(column.type):
        _require_values(f"{name}[]", column.flatten(), nullable=False)
    elif pa.types.is_struct(column.type):
        for index, field in enumerate(column.type):
            _require_values(f"{name}.{field.name}", column.field(index), field.nullable)
