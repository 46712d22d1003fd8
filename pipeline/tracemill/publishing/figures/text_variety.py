"""How varied the texts are, and the alarm where their variety fell."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from tracemill.publishing.as_text import amount_text, share_text
from tracemill.publishing.build_reading import BuildReading, Span
from tracemill.publishing.figure import Figure, ManifestContent, lines
from tracemill.selection.variety import SAMPLE, SAMPLE_BYTES, alarms, sample, variety
from tracemill.settings.plugins import load
from tracemill.views.groups import EachTrace

_COLUMNS = {"id": pl.String, "domain": pl.String, "skill": pl.String, "text": pl.String}


def measure(build: BuildReading) -> dict[str, Any]:
    """`measured` on the first traces that the first view with a row per trace took (null without any), and `alarms`, a
    sentence for each limit of the config that this breaks."""
    view = next((view for view in build.views if isinstance(load("view", view).grouping, EachTrace)), "")
    rows = pl.DataFrame(schema=_COLUMNS)
    for span in build.tables.spans():
        rows = pl.concat([rows, _texts(build, view, span)])
        if rows.height >= SAMPLE or rows["text"].str.len_bytes().sum() >= SAMPLE_BYTES:
            break
    found = variety(sample(rows))
    if found is None:
        return {"variety": {"measured": None, "alarms": []}}
    return {"variety": {"measured": asdict(found), "alarms": alarms(found, build.select.variety)}}


def _texts(build: BuildReading, view: str, span: Span) -> pl.DataFrame:
    """The texts of a range's kept traces, sorted by id."""
    frame = build.tables.frame
    taken = frame("selection", ("kept", "view", "trace_ids"), span)
    taken = taken.filter(pl.col("kept") & (pl.col("view") == view)).select(id=pl.col("trace_ids").list.first())
    part = pl.element().struct
    text = pl.col("turns").list.eval(part.field("reasoning") + "\n\n" + part.field("content")).list.join("\n\n")
    traces = frame("traces", ("id", "problem_id", "skill", "turns"), span).with_columns(text=text)
    domains = frame("problems", ("id", "domain"), span)
    rows = taken.join(traces, on="id").join(domains, left_on="problem_id", right_on="id")
    return rows.select(*_COLUMNS).sort("id")


def card(manifest: ManifestContent) -> str:
    measured, found = manifest["variety"]["measured"], manifest["variety"]["alarms"]
    if measured is None:
        return "Not measured: no view took a text."
    share, times = share_text(measured["distinct_2"]), amount_text(measured["compression"])
    text = (
        f"Of the neighbouring tokens of {measured['texts']:,} texts, {share} of the pairs are\n"
        f"different ones; together the texts compress {times} times."
    )
    return "\n\n".join([text, *(f"**Alarm:** {alarm}." for alarm in found)])


def summary(manifest: ManifestContent) -> str:
    return lines(manifest["variety"]["alarms"])


FIGURE = Figure(measure, ("variety",), "Variety", card, "alarm", summary, after="selection")
