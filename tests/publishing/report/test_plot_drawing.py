from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from tracemill.publishing.report.plot import Plot, largest, of_all
from tracemill.publishing.report.plot_drawing import legend, svg

NS = "{http://www.w3.org/2000/svg}"
PLOTS = (
    Plot("rows by difficulty", "columns", [f"{place / 10}" for place in range(10)], {"": list(range(10))}),
    Plot("rows", "bars", ["sft", "rlvr"], {"easy": [3, 0], "hard": [10, 5]}),
    Plot("rates", "bars", ["missed", "blamed"], {"": [0.02, 0.5]}, [(0.0, 0.07), (0.4, 0.61)], share=True),
    Plot("by outcome", "bars", ["answer"], {"verified": [9], "refuted": [1]}, outcomes=True),
    Plot("all zero", "columns", ["0", "1"], {"": [0, 0]}),
    Plot("one", "columns", ["0"], {"": [7]}),
)


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.title)
def test_a_plot_is_an_element_that_loads_and_runs_nothing(plot: Plot) -> None:
    text = svg(plot)
    assert text == svg(plot)
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img" and root.get("aria-label") == plot.title
    for node in root.iter():
        assert node.tag not in {f"{NS}{tag}" for tag in ("script", "style", "image", "a", "use", "defs")}
        assert not {"style", "id"} & node.attrib.keys() and not any(name.startswith("on") for name in node.attrib)
    assert "<!--" not in text and not re.search(r"\d\.\d{3}", text)


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.title)
def test_each_value_is_a_bar_with_a_title(plot: Plot) -> None:
    titles = [node.text for node in ElementTree.fromstring(svg(plot)).iter(f"{NS}title")]
    assert len([one for one in titles if one and ": " in one]) >= len(plot.labels) * len(plot.series)


def test_bars_stand_in_the_order_of_their_labels() -> None:
    root = ElementTree.fromstring(svg(Plot("t", "bars", ["first", "second"], {"": [1, 2]})))
    places = {node.text: float(node.get("y", "0")) for node in root.iter(f"{NS}text")}
    assert places["first"] < places["second"]


def test_a_bar_is_as_long_as_its_value() -> None:
    root = ElementTree.fromstring(svg(Plot("t", "bars", ["a", "b"], {"": [10, 5]})))
    bars = [node for node in root.iter(f"{NS}rect") if "rect" in node.get("class", "").split()]
    widths = [float(node.get("width", "0")) for node in bars]
    assert max(widths) == pytest.approx(2 * min(widths), rel=0.02)


def test_what_others_wrote_is_text_in_a_plot_too() -> None:
    text = svg(Plot("<b>\x1b", "bars", ["<script>\x00\u202e", "x" * 400], {"": [1, 2]}))
    assert "<script" not in text and "<b>" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text)


def test_several_series_have_a_legend_and_one_has_none() -> None:
    assert legend(PLOTS[1]) == ["easy", "hard"] and legend(PLOTS[0]) == []


def test_the_largest_are_drawn_and_the_title_says_of_how_many() -> None:
    counts = {f"task {place}": place % 7 for place in range(20)}
    shown = largest(counts, 3)
    assert list(shown) == ["task 6", "task 13", "task 5"]
    assert of_all("tasks", 3, 20) == "tasks: the 3 largest of 20" and of_all("tasks", 3, 3) == "tasks"
