"""The page in a real browser: it opens from disk, says nothing on the console, is searched and filtered, and fits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import chromium
import pytest
from chromium import Chromium
from hostile_lines import SCRIPT, hostile
from workplace import Workplace

pytestmark = chromium.needed

SHOWN = "[...document.querySelectorAll('details.trace')].filter(one => !one.hidden)"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    started = Chromium(tmp_path_factory.mktemp("chromium"))
    yield started
    started.close()


@pytest.fixture
def page(finished: Workplace) -> Path:
    return Path(finished.out) / "report.html"


def choose(browser: Chromium, name: str, value: str) -> None:
    browser.run(
        f"{{ const one = document.getElementById('{name}'); one.value = '{value}'; "
        "one.dispatchEvent(new Event('change')); }"
    )


def test_it_opens_from_disk_and_nothing_complains(browser: Chromium, page: Path) -> None:
    browser.open(page)
    assert browser.run("document.title") == "small: report"
    assert browser.run("document.querySelectorAll('details.trace').length") > 20
    assert browser.run("document.getElementById('written').textContent").startswith("File of ")
    assert browser.complaints == []


def test_its_style_and_its_script_are_what_its_policy_allows(browser: Chromium, page: Path, tmp_path: Path) -> None:
    """A script that somebody adds does not run, nor a style: the test can see a policy that holds."""
    changed = tmp_path / "changed.html"
    added = "<script>document.title = 'owned'</script><p id='p' style='color: red' onclick='1'>x</p>"
    changed.write_text(page.read_text().replace("</main>", f"{added}</main>"))
    browser.open(changed)
    assert browser.run("document.title") == "small: report"
    assert len([one for one in browser.complaints if "Content Security Policy" in one]) >= 2


def test_search_and_filters_narrow_what_is_shown(browser: Chromium, page: Path) -> None:
    browser.open(page)
    every = browser.run(f"{SHOWN}.length")
    assert browser.run("document.getElementById('count').textContent") == f"{every} of {every} shown"
    choose(browser, "standing", "refuted")
    refuted = browser.run(f"{SHOWN}.length")
    assert 0 < refuted < every
    assert browser.run(f"{SHOWN}.every(one => one.dataset.standing === 'refuted')")
    choose(browser, "task", "planning.classical.blocks_world")
    assert 0 < browser.run(f"{SHOWN}.length") < refuted
    choose(browser, "standing", "")
    choose(browser, "task", "")
    choose(browser, "view", "sft")
    assert browser.run(f"{SHOWN}.every(one => one.dataset.views.split(' ').includes('sft'))")
    choose(browser, "view", "-")
    assert browser.run(f"{SHOWN}.every(one => one.dataset.views === '-')")
    choose(browser, "view", "")
    wanted = browser.run("document.querySelector('details.trace code').textContent")
    browser.press("/")
    browser.type(wanted.upper())
    assert browser.run(f"{SHOWN}.length") == 1
    assert browser.run("document.getElementById('count').textContent") == f"1 of {every} shown"
    browser.type(" nothing has this")
    assert browser.run(f"{SHOWN}.length") == 0
    assert browser.complaints == []


def test_a_trace_is_opened_by_the_keyboard_and_by_a_link(browser: Chromium, page: Path) -> None:
    browser.open(page)
    browser.run("document.querySelector('details.trace summary').focus()")
    browser.press("Enter", 13)
    assert browser.run("document.querySelector('details.trace').open")
    last = "[...document.querySelectorAll('details.trace')].at(-1)"
    browser.run(f"location.hash = {last}.id; new Promise(done => setTimeout(done))")
    assert browser.run(f"{last}.open")


def test_everything_that_does_something_is_reached_by_tab(browser: Chromium, page: Path) -> None:
    browser.open(page)
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.className") == "skip"
    reached = browser.run("document.querySelectorAll('[tabindex]:not([tabindex=\"0\"])').length")
    assert reached == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_fits_a_phone_and_a_desktop(browser: Chromium, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width, scheme)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.run("document.scrollingElement.scrollWidth") <= width
    dark = browser.run("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Chromium, page: Path, scheme: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, AA), for what is said by colour too."""
    browser.open(page, scheme=scheme)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    poor = browser.run(CONTRAST)
    assert poor == []


CONTRAST = """
(() => {
  const parts = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = parts(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  const said = "p, a, li, dt, dd, td, th, pre, code, summary, span, div.text, mark, label";
  for (const node of document.querySelectorAll(said)) {
    if (!node.textContent.trim() || node.closest(".hidden, svg")) continue;
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(`${node.tagName}.${node.className}`);
  }
  return [...poor];
})()
"""


def test_what_others_wrote_does_nothing_and_fits(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> None:
    built = hostile(Workplace(tmp_path_factory.mktemp("hostile")))
    assert built.build() == 0
    browser.open(Path(built.out) / "report.html", 360)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert browser.run("window.owned === undefined && document.images.length === 0")
    assert browser.run("document.scrollingElement.scrollWidth") <= 360
    assert SCRIPT in browser.run("document.getElementById('traces').innerText")
    assert browser.complaints == []


def test_on_paper_long_tables_are_unfolded_and_folded_again(browser: Chromium, page: Path) -> None:
    browser.open(page)
    folded = "document.querySelectorAll('details.long:not([open])').length"
    before = browser.run(folded)
    assert before > 0
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(folded) == 0
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run(folded) == before
