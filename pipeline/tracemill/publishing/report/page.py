"""The page: figures, samples and traces put into a template, with nothing in it that a browser would load.

Everything is data but for the template itself, its style sheet and its script. What comes from others is escaped by the
template engine, after what a browser would hide or obey (control characters, turns of the direction of writing) was
written out. The page's own policy allows no other script and no other style than these two, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tracemill.publishing import all_figures
from tracemill.publishing.build_reading import BuildTables
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.figures.isolation import lowest
from tracemill.publishing.ledger_words import MARKS
from tracemill.publishing.report.clusters import shown_clusters
from tracemill.publishing.report.plot import Plot
from tracemill.publishing.report.plot_drawing import legend, svg
from tracemill.publishing.report.rejects import rejected
from tracemill.publishing.report.shown_trace import shown_traces
from tracemill.publishing.report.trace_sample import STANDINGS
from tracemill.settings.encoders import terminal_text

_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_ROWS = 12
"""Of a table that is not folded, at most."""
_TEMPLATES = Path(__file__).with_name("templates")
STANDING_MARKS = {**MARKS, "label differs": "≠", "disagreeing": "≠", "not judged": "–"}


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase of an unfinished build, and whether it is done."""

    name: str
    done: bool


@dataclass(frozen=True, slots=True)
class DrawnPlot:
    title: str
    svg: Any
    legend: Sequence[str]
    outcomes: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A figure on the page. `text`: what the card says, as HTML."""

    anchor: str
    heading: str
    plots: Sequence[DrawnPlot]
    text: Any


def page(content: ManifestContent, tables: BuildTables, phases: Sequence[PhaseRow] = ()) -> bytes:
    """The report of a build: of its manifest, or of what is measured so far, and its tables.

    `phases`: of an unfinished build all of them, in their order.

    Raises:
        DamagedError: a table cannot be read.
    """
    # A stored manifest has its keys sorted, and both give the same page.
    manifest = json.loads(json.dumps(content, sort_keys=True))
    traces = shown_traces(tables)
    style, script = _text("report.css"), _text("report.js")
    text = _template().render(
        manifest=manifest,
        phases=phases,
        facts=_facts(manifest),
        sections=[_section(figure, manifest) for figure in all_figures.FIGURES if _has(figure, manifest)],
        clusters=shown_clusters(manifest.get("duplicates", {}), tables),
        reasons=rejected(tables),
        traces=traces,
        tasks=sorted({one.sample.task for one in traces}),
        views=sorted({view for one in traces for view in one.sample.views}),
        standings=[one for one in STANDINGS if any(trace.sample.standing == one for trace in traces)],
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return f"{text}\n".encode()


def _has(figure: Figure, manifest: ManifestContent) -> bool:
    """Whether the figure says something of the build: all that it reads is there, as it is not in a build that is not
    that far, or was made before there was the figure."""
    return figure.in_report and set(figure.reads) <= manifest.keys() and bool(figure.card(manifest))


def _section(figure: Figure, manifest: ManifestContent) -> Section:
    anchor = re.sub(r"[^a-z]+", "-", figure.heading.lower())
    drawn = [_drawn(plot) for plot in figure.plots(manifest)]
    return Section(anchor, figure.heading, drawn, card_html(figure.card(manifest)))


def _drawn(plot: Plot) -> DrawnPlot:
    from markupsafe import Markup

    names = [f"{MARKS[name]} {name}" if plot.outcomes else name for name in legend(plot)]
    return DrawnPlot(plot.title, Markup(svg(plot)), names, plot.outcomes)


def card_html(markdown: str) -> Any:
    """A card's text as HTML. What is HTML, a link or an image in it stays text."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "image", "autolink"])
    html = reader.render(terminal_text(markdown))
    return Markup(_TABLE.sub(_within_page, html))


def _within_page(table: re.Match[str]) -> str:
    """A wide table scrolls within the page, and a long one is folded."""
    rows = table[0].count("<tr>") - 1
    shown = f'<div class="wide">{table[0]}</div>'
    return shown if rows <= _ROWS else f'<details class="long"><summary>{rows:,} lines</summary>{shown}</details>'


def _facts(manifest: ManifestContent) -> Mapping[str, str]:
    """What the page begins with; of an unfinished build, as much as is known."""
    found = {"seed": str(manifest["seed"]), "schema version": str(manifest["schema_version"])}
    if "view_totals" in manifest:
        found["rows"] = f"{sum(manifest['view_totals'].values()):,}"
    counts = manifest["counts"]
    found |= {table: f"{counts[table]:,}" for table in ("problems", "traces") if table in counts}
    if "verified_traces" in manifest:
        found["verified traces"] = f"{manifest['verified_traces']:,}"
    if "teacher" in manifest:
        named = dict.fromkeys((manifest["teacher"]["kind"], manifest["teacher"]["name"]))
        found["teacher"] = ": ".join(named)
    if "isolation" in manifest:
        found["isolation"] = lowest(manifest["isolation"]) or "no code of others was executed"
    versions = manifest.get("versions", {})
    found |= {name: versions[name] for name in ("tracemill", "python") if name in versions}
    return found


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written_out,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"marks": STANDING_MARKS}
    return environment.get_template("report.html.jinja")


def _written_out(value: Any) -> Any:
    """Text of others without what a browser would obey or hide; the engine escapes it afterwards."""
    return terminal_text(value) if type(value) is str else value


@cache
def _text(name: str) -> Any:
    from markupsafe import Markup

    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
