"""`tracemill import ADDRESS`: looks at rows of somebody's data, says what would become of them, and writes a config."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tracemill.cli.command import Command, add_json, positive
from tracemill.cli.output import note, show, show_json
from tracemill.settings.errors import UsageError

if TYPE_CHECKING:
    from tracemill.records import Decision, Problem
    from tracemill.sources.looking import Looked
    from tracemill.sources.shapes.recognising import ShapeFit

_SHOWN = 200
"""Characters of a text."""


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "address",
        metavar="ADDRESS",
        help="a file of JSON lines or Parquet, a folder or pattern of Parquet files, hf://owner/name, s3://…",
    )
    parser.add_argument("--rows", type=positive, default=20, metavar="N", help="rows to look at (default: 20)")
    parser.add_argument("--show", action="store_true", help="show what would become of each of these rows")
    parser.add_argument("-o", "--output", metavar="FILE", help="where the config goes (default: configs/<name>.yaml)")
    parser.add_argument("--shape", metavar="NAME", help="take this shape, whatever the rows look like")
    parser.add_argument("--licence", metavar="SPDX", help="the licence of the texts, such as MIT")
    parser.add_argument("--config", metavar="NAME", help="of a dataset on the Hub: its config")
    parser.add_argument("--split", default="train", help="of a dataset on the Hub: its split (default: train)")
    parser.add_argument("--revision", metavar="REV", help="of a dataset on the Hub: a branch, tag or commit")
    add_json(parser, "the shape, near misses, the source's block and what would become of the rows")


def _run(arguments: Namespace) -> int:
    from pathlib import Path

    from tracemill.cli.imported_config import config_text
    from tracemill.cli.new_files import write_new
    from tracemill.sources.looking import HubChoice, look
    from tracemill.sources.shapes.recognising import fits

    choice = HubChoice(arguments.config, arguments.split, arguments.revision)
    looked = look(arguments.address, arguments.rows, choice)
    if not looked.rows:
        raise UsageError(f"{arguments.address!r} has no row that can be read" + _because(looked.bad))
    found = fits(looked.rows)
    fit = _chosen(found, arguments.shape, looked)
    source = _source_block(fit, looked, arguments.licence)
    records = _records(source, arguments.rows)
    if arguments.json:
        show_json(_as_json(fit, found, source, records))
    else:
        show("\n".join(_report(fit, found, looked, source, records, arguments.show)))
    path = Path(arguments.output or f"configs/{source['name']}.yaml")
    write_new({path: config_text(source["name"], fit.shape, source, arguments.address)})
    if source.get("licence") and arguments.licence is None and source["licence"].endswith("not-stated"):
        note(f"no licence is stated; correct `licence` in {path} before anything is published")
    note(f"wrote {path}; next: tracemill preview {path}, then tracemill build {path}")
    return 0


def _because(bad: Sequence[str]) -> str:
    return f": {bad[0]}" if bad else "; it is empty"


def _chosen(found: Sequence[ShapeFit], wanted: str | None, looked: Looked) -> ShapeFit:
    """The shape that is named, or the best that the rows have.

    Raises:
        UsageError: there is none of that name, or the rows have none; with what is nearest.
    """
    from tracemill.settings.errors import unknown
    from tracemill.sources.shapes.recognising import near_misses

    if wanted is not None:
        names = {one.shape.name: one for one in found}
        if wanted not in names:
            raise unknown("shape", wanted, names)
        if not names[wanted].whole:
            raise UsageError(
                f"the rows are not of the shape {wanted!r}: there is not {'; nor '.join(names[wanted].missing)}"
            )
        return names[wanted]
    if found[0].whole:
        return found[0]
    near = [f"{one.shape.name} ({one.shape.title}) but for {'; '.join(one.missing)}" for one in near_misses(found)]
    fields = sorted({name for row in looked.rows for name in row})
    raise UsageError(
        f"the rows have no shape that is known; fields: {', '.join(fields)}; "
        + (f"nearest: {' | '.join(near[:3])}; " if near else "")
        + f"write the source by hand ({_flow(looked.container)}, fields: …): docs/import.md"
    )


def _flow(block: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in block.items())


def _source_block(fit: ShapeFit, looked: Looked, licence: str | None) -> dict[str, Any]:
    from tracemill.cli.imported_config import NOT_STATED

    shape = fit.source(looked.rows)
    licence = licence or _known(looked.licence)
    given = {"licence": licence} if licence else {}
    if not licence and "licence" not in shape["fields"]:
        given = {"licence": NOT_STATED}
    if licence:
        shape["fields"].pop("licence", None)
    answers = {} if shape["fields"]["answer"] is None else {"answers": dict.fromkeys(_kinds(), "reject")}
    return {**looked.container, "name": looked.called, **given, **shape, **answers}


def _known(licence: str | None) -> str | None:
    """What a dataset says of itself, where SPDX knows it: `cc-by-4.0`, and not `other`."""
    from tracemill.records.licences import UnknownLicenceError, spdx

    try:
        return spdx(licence) if licence else None
    except UnknownLicenceError:
        return None


def _kinds() -> Sequence[str]:
    from tracemill.sources.triage import AnswerPolicy

    return list(AnswerPolicy.model_fields)


def _records(source: Mapping[str, Any], count: int) -> list[Problem | Decision]:
    """What the first rows would become."""
    from itertools import islice

    from tracemill.settings.plugins import config_model, load
    from tracemill.sources.golds import read_golds
    from tracemill.sources.source import Context

    config = config_model("source", source["kind"]).model_validate(source)
    made = load("source", source["kind"])(config, Context(seed=1, bench_share=0.0))
    return list(islice(read_golds(made.first_records(count), config.answers), count))


def _report(
    fit: ShapeFit,
    found: Sequence[ShapeFit],
    looked: Looked,
    source: Mapping[str, Any],
    records: Sequence[Problem | Decision],
    each: bool,
) -> Iterator[str]:
    from tracemill.records import Problem
    from tracemill.sources.shapes.recognising import near_misses

    yield f"shape      {fit.shape.title} ({fit.shape.name})"
    for other in near_misses(found)[:3]:
        yield f"near       {other.shape.title} ({other.shape.name}), but for {'; '.join(other.missing)}"
    for reason in looked.bad[:3]:
        yield f"unreadable {reason}"
    yield from _columns(source, looked.rows)
    yield from _counts(records)
    for fact in fit.shape.notes:
        yield f"note       {' '.join(fact.split())}"
    if each:
        for record in records:
            yield ""
            yield from _problem(record) if isinstance(record, Problem) else _rejected(record)


def _columns(source: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every column with what would become of it."""
    from tracemill.sources.mapping.field_paths import column_of
    from tracemill.sources.shapes.kinds_of_values import kind_of

    columns = list(dict.fromkeys(name for row in rows for name in row))
    used: dict[str, list[str]] = {}
    for path, what in _uses(source):
        used.setdefault(column_of(path, frozenset(columns)), []).append(what)
    shape = source["fields"].get("reshape")
    for number, column in enumerate(columns):
        kinds = sorted({kind_of(row[column]) for row in rows if column in row})
        becomes = ", ".join(used.get(column, ())) or (f"laid out by {shape}" if shape else "not read")
        yield f"{'columns' if not number else '':<11}{column} ({' or '.join(kinds)}): {becomes}"


def _uses(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    fields = source["fields"]
    for key in ("prompt", "answer", "system", "tools", "licence", "group"):
        if fields.get(key):
            yield fields[key], "problem" if key == "prompt" else key
    for path in fields.get("where", {}):
        yield path, "which rows are taken"
    for reference in fields.get("references", ()):
        yield reference.get("text") or reference["steps"], "solutions"
        for key in ("author_field", "reasoning", "finish_reason", "label"):
            if key in reference:
                yield reference[key], {"author_field": "author"}.get(key, key.replace("_", " "))
        for label in reference.get("labels", ()):
            yield label["field"], f"label {label['name']}"


def _counts(records: Sequence[Problem | Decision]) -> Iterator[str]:
    from tracemill.records import Problem

    problems = [one for one in records if isinstance(one, Problem)]
    traces = sum(len(one.references) for one in problems)
    gone = len(records) - len(problems)
    yield f"rows       {len(records)}: {len(problems)} problems with {traces} solutions, {gone} rejected"
    refused = Counter(one.reason for one in records if not isinstance(one, Problem))
    for reason, count in refused.most_common():
        yield f"rejected   {count} {reason}"
    labels: Counter[str] = Counter()
    for one in problems:
        for reference in one.references:
            labels.update(f"{label.name}: {_says(label)}" for label in reference.labels)
    for said, count in sorted(labels.items()):
        yield f"labels     {count} {said}"


def _says(label: Any) -> str:
    from tracemill.records.labels import first_wrong

    if label.steps:
        wrong = first_wrong(label)
        return (
            "a wrong step" if wrong is not None and wrong >= 0 else "no wrong step" if wrong == -1 else "not all steps"
        )
    if label.right is None:
        return str(label.value)
    return "right" if label.right else "wrong"


def _problem(problem: Problem) -> Iterator[str]:
    yield f"row {problem.source.index + 1}  {_short(problem.prompt)}"
    answer = _short(problem.answer) if problem.has_answer else "nobody knows"
    kept = problem.metadata.get("triage")
    yield f"  answer   {answer}" + (f" ({kept})" if kept else "")
    for reference in problem.references:
        ended = f", {reference.finish_reason}" if reference.finish_reason else ""
        turns = f", {len(reference.before)} turns before" if reference.before else ""
        size = f"{len(reference.text)} characters"
        yield f"  solution by {reference.author}, {size}{ended}{turns}: {_short(reference.text)}"
        for label in reference.labels:
            yield f"    label  {label.name}: {_says(label)}"


def _rejected(record: Decision) -> Iterator[str]:
    detail = f": {_short(record.detail)}" if record.detail else ""
    yield f"rejected  {record.id}  {record.reason}{detail}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _as_json(
    fit: ShapeFit, found: Sequence[ShapeFit], source: Mapping[str, Any], records: Sequence[Problem | Decision]
) -> dict[str, Any]:
    from tracemill.cli.json_rows import record_row
    from tracemill.records import Problem
    from tracemill.sources.shapes.recognising import near_misses

    return {
        "shape": fit.shape.name,
        "near": {one.shape.name: list(one.missing) for one in near_misses(found)},
        "source": dict(source),
        "problems": [record_row(one) for one in records if isinstance(one, Problem)],
        "rejected": [record_row(one) for one in records if not isinstance(one, Problem)],
    }


COMMAND = Command(
    "look at rows of a dataset, say what would become of them, and write a config",
    "tracemill import rows.jsonl --show -o configs/mine.yaml",
    _add_arguments,
    _run,
)
