"""Plots as SVG, by pygal. The page's own style sheet gives them their colours, so that they follow its theme.

What pygal adds for pages of its own is taken out: scripts, styles, ids that would stand twice on one page, and comments
with its version and the day. Each value is a title of its bar, which browsers show without a script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from tracemill.publishing.as_text import amount_text, share_text
from tracemill.publishing.report.plot import Plot
from tracemill.settings.encoders import terminal_text

_WIDTH = 340
"""Of a plot, in the pixels of its own text: that of a phone."""
_COLUMNS_HEIGHT = 170
_BAR_HEIGHT, _AROUND = 22, 36
_FONT = 10
_LABEL = 28
"""Characters of a label that are shown."""
_LABELS = 7
"""Of columns, at most; where there are more columns, some have none."""
_NUMBER = re.compile(r"-?\d+\.\d+")
_TAKEN_OUT = {"defs", "script", "style", "title", "desc"}


def svg(plot: Plot) -> str:
    """The plot as an element for a page of HTML. The same plot gives the same bytes."""
    import pygal
    from pygal.etree import etree
    from pygal.style import Style

    etree.to_etree()  # as if lxml were not installed: the bytes are the same everywhere
    bars, stacked = plot.kind == "bars", len(plot.series) > 1
    kinds = {
        (False, False): pygal.Bar,
        (False, True): pygal.StackedBar,
        (True, False): pygal.HorizontalBar,
        (True, True): pygal.HorizontalStackedBar,
    }
    chart = kinds[bars, stacked](
        width=_WIDTH,
        height=_AROUND + _BAR_HEIGHT * len(plot.labels) if bars else _COLUMNS_HEIGHT,
        style=Style(**{f"{what}_font_size": _FONT for what in ("label", "major_label", "value", "no_data")}),
        css=[],
        js=[],
        no_prefix=True,
        margin=4,
        margin_right=16,
        spacing=4,
        show_legend=False,
        truncate_label=-1,
        min_scale=2,
        max_scale=5,
        range=_range(plot),
        order_min=0 if _whole(plot) else None,
        value_formatter=_formatter(plot),
    )
    chart.x_labels = _in_drawn_order(plot, _labels(plot))
    for place, name in enumerate(plot.series):
        chart.add(str(place), _in_drawn_order(plot, _points(plot, name)))
    return _cleaned(chart.render_tree(), plot)


def legend(plot: Plot) -> list[str]:
    """The names of the series, where there are several, in the order of their colours."""
    return list(plot.series) if len(plot.series) > 1 else []


def _in_drawn_order(plot: Plot, values: list[Any]) -> list[Any]:
    """pygal draws the first bar at the bottom."""
    return values[::-1] if plot.kind == "bars" else values


def _points(plot: Plot, name: str) -> list[Any]:
    values = list(plot.series[name])
    if not plot.intervals:
        return values
    bounds = zip(values, plot.intervals, strict=True)
    return [{"value": value, "ci": {"low": low, "high": high}} for value, (low, high) in bounds]


def _range(plot: Plot) -> tuple[float, float] | None:
    """From 0 to all of a share, or to the end of the longest interval."""
    if plot.intervals:
        return 0, max(high for _, high in plot.intervals) or 1
    return (0, 1) if plot.share else None


def _whole(plot: Plot) -> bool:
    """Whether the values are counts, so that an axis has no tick at half of one."""
    return all(isinstance(value, int) for values in plot.series.values() for value in values)


def _formatter(plot: Plot) -> Callable[[float], str]:
    return _share if plot.share else _amount


def _share(value: float) -> str:
    """Ticks of an axis may lie a little beyond its ends."""
    return share_text(min(1.0, max(0.0, value))).replace(".0%", "%")


def _amount(value: float) -> str:
    whole = float(value).is_integer()
    return amount_text(int(value)) if whole else f"{value:.2g}"


def _labels(plot: Plot) -> list[str]:
    labels = [_short(terminal_text(label)) for label in plot.labels]
    every = -(-len(labels) // _LABELS)
    return labels if plot.kind == "bars" else [one if not place % every else "" for place, one in enumerate(labels)]


def _short(label: str) -> str:
    """Of a dotted name its last parts, which tell it from others; else the beginning."""
    if len(label) <= _LABEL:
        return label
    _, dot, rest = label.partition(".") if " " not in label else ("", "", "")
    while len(rest) >= _LABEL and "." in rest:
        rest = rest.partition(".")[2]
    return f"…{rest}" if dot and len(rest) < _LABEL else f"{label[: _LABEL - 1]}…"


def _cleaned(root: Any, plot: Plot) -> str:
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag in _TAKEN_OUT or "tooltip" in child.get("class", "").split():
                parent.remove(child)
    for node in root.iter():
        for name in ("id", "style"):
            node.attrib.pop(name, None)
        for name, value in node.attrib.items():
            if name != "class":
                node.set(name, _NUMBER.sub(lambda found: f"{float(found[0]):.1f}", value))
    _add_titles(root, plot)
    root.set("role", "img")
    root.set("aria-label", terminal_text(plot.title))
    return ElementTree.tostring(root, encoding="unicode")


def _add_titles(root: Any, plot: Plot) -> None:
    for place, (name, values) in enumerate(plot.series.items()):
        said = [
            f"{label}{f', {name}' if name else ''}: {_formatter(plot)(value)}"
            for label, value in zip(plot.labels, values, strict=True)
        ]
        drawn = [node for group in _with_class(root, f"serie-{place}") for node in _with_class(group, "bar")]
        for bar, text in zip(drawn, _in_drawn_order(plot, said), strict=True):
            title = ElementTree.Element("title")
            title.text = terminal_text(text)
            bar.insert(0, title)


def _with_class(root: Any, name: str) -> list[Any]:
    return [node for node in root.iter("g") if name in node.get("class", "").split()]
