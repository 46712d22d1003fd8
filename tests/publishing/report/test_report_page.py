"""The page says what the card says, loads nothing, and shows what others wrote as text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import webbrowser
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hostile_lines import SCRIPT, hostile
from markdown_it import MarkdownIt
from tracemill.cli.command_line import main
from tracemill.publishing import all_figures
from tracemill.publishing.as_text import numbers
from tracemill.publishing.report.page import card_html, page
from tracemill.running.reading import CommitTables
from tracemill.store.manifest import read_manifest
from tracemill.store.store import Store
from workplace import Workplace

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Reading(HTMLParser):
    """What a page holds: its elements with their attributes, its text by section, and whether every element ends."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.sections: dict[str, str] = {}
        self.section = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "section":
            self.section = str(dict(attrs)["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "section":
            self.section = ""

    def handle_data(self, data: str) -> None:
        self.sections[self.section] = self.sections.get(self.section, "") + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(out: str) -> str:
    return (Path(out) / "report.html").read_text(encoding="utf-8")


def test_every_section_of_the_card_is_on_the_page_with_the_same_numbers(finished: Workplace) -> None:
    found = Reading(page_of(finished.out))
    manifest = json.loads((Path(finished.out) / "manifest.json").read_text())
    assert found.open == []
    shown = 0
    for figure in all_figures.FIGURES:
        said = figure.card(manifest)
        section = found.sections.get(re.sub(r"[^a-z]+", "-", figure.heading.lower()))
        if not figure.in_report or not said:
            assert section is None
            continue
        assert section is not None and set(numbers(said)) <= set(numbers(section)), figure.heading
        shown += 1
    assert shown >= 12


def test_what_is_drawn_stands_in_the_table_too(finished: Workplace) -> None:
    manifest = json.loads((Path(finished.out) / "manifest.json").read_text())
    drawn = 0
    for figure in all_figures.FIGURES:
        for plot in figure.plots(manifest):
            assert plot.labels and all(len(values) == len(plot.labels) for values in plot.series.values())
            counts = [value for values in plot.series.values() for value in values if isinstance(value, int) and value]
            assert {f"{count:,}" for count in counts} <= set(numbers(figure.card(manifest))), plot.title
            drawn += 1
    assert drawn >= 8


def test_the_page_allows_its_own_script_and_style_and_nothing_else(finished: Workplace) -> None:
    text = page_of(finished.out)
    found = Reading(text)
    [policy] = [one["content"] for one in found.named("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in str(policy)
    assert str(policy).startswith("default-src 'none';") and "unsafe" not in str(policy)
    for tag, attributes in found.elements:
        assert "style" not in attributes and not any(name.startswith("on") for name in attributes), tag
        assert not {"src", "srcset", "action", "formaction", "xlink:href"} & attributes.keys(), tag
        assert attributes.get("href", "#").startswith(("#", "data:,")), tag
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_what_others_wrote_is_text(workplace: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    built = hostile(workplace)
    assert built.build() == 0
    text = page_of(built.out)
    found = Reading(text)
    assert found.open == []
    assert len(found.named("script")) == len(found.named("style")) == 1
    assert not found.named("img") and not found.named("b") and not found.named("h1")[1:]
    assert not {name for _, attributes in found.elements for name in attributes if name.startswith("on")}
    traces = found.sections["traces"]
    for said in (SCRIPT, "{{ 7 * 7 }} {% for x in y %} ${7*7}", r"\x1b]0;owned\x07\x1b[2J\x9b31m", r"\u202eevil\u2066"):
        assert said in traces, said
    assert "&lt;script&gt; &#x3c;" in traces
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066\ufeff]", text)
    assert "characters more; `tracemill inspect` shows them" in traces
    assert len(text) < 1_000_000
    for reason in ("not JSON", "NUL character", "looping", "exact duplicate", "answer refuted"):
        assert reason in found.sections["rejects"]
    card = (Path(built.out) / "dataset/README.md").read_text().split("\n---\n", 1)[1]
    shown = Reading(MarkdownIt("commonmark").enable("table").render(card))
    assert not {"script", "img", "svg", "b", "a"} & {tag for tag, _ in shown.elements}
    capsys.readouterr()
    for prefix in "0123456789abcdef":
        main(["inspect", built.out, prefix])
    said = capsys.readouterr()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066\ufeff]", said.out + said.err)


def test_markdown_of_a_figure_brings_no_markup_of_others() -> None:
    markup = "<b onclick='x'>b</b> [a](javascript:x) ![i](http://localhost/i.png) <http://localhost/>"
    text = str(card_html(f"{markup} \x1b[2J *so*"))
    found = Reading(text)
    assert [tag for tag, _ in found.elements] == ["p", "em"]
    assert markup in found.sections[""]
    assert r"\x1b[2J" in text


def test_the_order_of_the_keys_in_a_manifest_changes_nothing(finished: Workplace) -> None:
    def turned(value: Any) -> Any:
        return {key: turned(item) for key, item in reversed(value.items())} if isinstance(value, dict) else value

    store = Store(finished.out)
    commit, manifest = store.latest(), read_manifest(store)
    assert commit is not None and manifest is not None
    manifest["selection"]["sft"] = {"too long": 7, "too short": 7}  # which of equal ones is drawn first?
    tables = CommitTables(store, commit, commit.keys["verdicts"]["judges"])
    assert page(turned(manifest), tables) == page(manifest, tables)


def test_the_command_gives_what_the_build_wrote(finished: Workplace, tmp_path: Path, capsys) -> None:
    out = Path(shutil.copytree(finished.out, tmp_path / "copy"))
    written = (out / "report.html").read_bytes()
    assert main(["report", str(out), "-o", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_bytes() == written
    (out / "report.html").unlink()
    assert main(["report", str(out), "--json"]) == 0
    assert (out / "report.html").read_bytes() == written
    said = json.loads(capsys.readouterr().out.partition("\n")[2])
    assert said == {"report": str(out / "report.html"), "bytes": len(written), "finished": True}


def test_a_report_that_is_gone_is_made_again_by_the_build(finished: Workplace, tmp_path: Path) -> None:
    out = Path(shutil.copytree(finished.out, tmp_path / "copy"))
    written, manifest = (out / "report.html").read_bytes(), (out / "manifest.json").read_bytes()
    (out / "report.html").unlink()
    assert finished.build(out=str(out)) == 0
    assert (out / "report.html").read_bytes() == written and (out / "manifest.json").read_bytes() == manifest


@pytest.mark.parametrize(
    ("phase", "there", "missing"),
    [
        ("problems", ("versions",), ("what-was-checked", "rows")),
        ("traces", ("what-was-rejected", "how-the-calls-ended"), ("what-was-checked", "rows")),
        ("audit", ("what-was-checked", "how-far-the-checkers-can-be-trusted"), ("variety", "rows")),
        ("selection", ("variety", "duplicates"), ("rows", "difficulty-and-length")),
    ],
)
def test_a_build_in_the_middle_has_a_page_that_says_so(
    workplace: Workplace, phase: str, there: tuple[str, ...], missing: tuple[str, ...], capsys
) -> None:
    assert workplace.build("sources.0.per_task=3", flags=("--until", phase)) == 0
    assert not (Path(workplace.out) / "report.html").exists()
    assert main(["report", workplace.out]) == 0
    assert "the build is not finished" in capsys.readouterr().out
    found = Reading(page_of(workplace.out))
    assert "This build is not finished." in found.sections[""]
    assert set(there) <= found.sections.keys() and not set(missing) & found.sections.keys()
    none = "There is no trace yet." in found.sections["traces"]
    assert none == (phase == "problems")
    assert workplace.build("sources.0.per_task=3") == 0
    assert "This build is not finished." not in page_of(workplace.out)


def test_no_build_has_no_report(tmp_path: Path, capsys) -> None:
    assert main(["report", str(tmp_path / "nowhere")]) == 2
    assert "there is no finished phase at" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_a_place_that_cannot_be_written_is_said(finished: Workplace, tmp_path: Path, capsys) -> None:
    assert main(["report", finished.out, "-o", str(tmp_path / "no folder" / "page.html")]) == 2
    assert "name another place by -o FILE" in capsys.readouterr().err


def test_the_browser_is_given_the_page(finished: Workplace, tmp_path: Path, monkeypatch, capsys) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or len(opened) == 1)
    page = tmp_path / "a page.html"
    for _ in range(2):
        assert main(["report", finished.out, "-o", str(page), "--open"]) == 0
    assert opened == [page.as_uri()] * 2
    assert capsys.readouterr().err.count("no browser was found; open ") == 1


def test_a_build_on_object_storage_has_its_page_and_the_command_writes_it_here(
    workplace: Workplace, s3_url: str, tmp_path: Path, monkeypatch
) -> None:
    assert workplace.build("sources.0.per_task=2", out=s3_url) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["report", s3_url]) == 0
    assert Path("report.html").read_bytes() == Store(s3_url).files.read("report.html")


@pytest.mark.ray
def test_both_executors_give_the_same_page(finished: Workplace, tmp_path: Path) -> None:
    out = str(tmp_path / "ray")
    assert finished.build("executor.kind=ray", out=out) == 0
    assert page_of(out) == page_of(finished.out)
