"""`docs/add_a_verifier.md` holds: its files and two lines in the table are a kind of claim and a verifier."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tracemill import claims, verifiers
from tracemill.claims.claim_checker import Ruling
from tracemill.cli.command_line import main
from tracemill.settings import plugins
from tracemill.store.store import Store
from tracemill.verifiers.audit import AuditReport, audit_verifier
from tracemill.verifiers.verifier import make_verifier
from workplace import ROOT, Workplace

PAGE = (ROOT / "docs" / "add_a_verifier.md").read_text(encoding="utf-8")
FILES = dict(zip((claims, verifiers), re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL), strict=True))
PLACES = {
    "claim": (claims, "divides", "DividesChecker"),
    "verifier": (verifiers, "whole_number", "WholeNumberVerifier"),
}


@pytest.fixture(autouse=True)
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for thing, (part, name, attribute) in PLACES.items():
        assert f"`{name}.py`" in PAGE
        (tmp_path / f"{name}.py").write_text(FILES[part])
        monkeypatch.setattr(part, "__path__", [*part.__path__, str(tmp_path)])
        line = rf'`"{name}": "({part.__name__}\.{name}:{attribute})"`, under\s`{thing}`'
        [place] = re.findall(line, PAGE)
        monkeypatch.setitem(plugins.TABLE[thing], name, place)
    plugins.installed.cache_clear()
    yield
    plugins.installed.cache_clear()
    for part, name, _ in PLACES.values():
        sys.modules.pop(f"{part.__name__}.{name}", None)


@pytest.mark.parametrize("thing", PLACES)
@pytest.mark.parametrize("command", [["check", "--extend-select", "ANN"], ["format", "--check"]])
def test_the_files_of_the_page_pass_the_checks_of_a_checkout(thing: str, command: list[str]) -> None:
    part, name, _ = PLACES[thing]
    place = ROOT / "pipeline" / part.__name__.replace(".", "/") / f"{name}.py"
    ruff = [str(Path(sys.executable).parent / "ruff"), *command, "--stdin-filename", str(place), "-"]
    found = subprocess.run(ruff, input=FILES[part], capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def audited(*kinds: str) -> AuditReport:
    """The audit of `steps` on the canaries of these kinds."""
    return audit_verifier(make_verifier("steps", {}), [], 0, 0, kinds)


def test_the_claims_of_the_page_are_decided_as_its_canaries_say() -> None:
    before = audited("equation")
    report = audited("equation", "divides")
    assert report.passed, report.failures
    assert report.canaries_total == before.canaries_total + 6


def test_a_checker_that_is_content_with_everything_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = plugins.load("claim", "divides")
    monkeypatch.setattr(checker, "_one", lambda *_: Ruling("verified", "fine", strength="exact"))
    report = audited("divides")
    assert not report.passed
    assert any("near miss: one more" in failure for failure in report.failures)


def test_the_command_of_the_page_audits_both(capsys: pytest.CaptureFixture[str]) -> None:
    [command] = re.findall(r"```sh\n(.*?)\n```", PAGE, re.DOTALL)
    assert main([*shlex.split(command)[1:], "--processes", "1"]) == 0
    assert re.search(r"^whole_number.* 5 of 5|^whole_number.*5/5", capsys.readouterr().out, re.MULTILINE)


def test_the_verifier_of_the_page_judges_a_build_as_answer_does(workplace: Workplace) -> None:
    [block] = re.findall(r"`verify: \{require: \[answer, steps\], also: (.*?)\}`", PAGE)
    assert workplace.build(f"verify.also={block}", flags=("--until", "verdicts")) == 0
    store = Store(workplace.out)
    commit = store.latest()
    assert commit is not None
    rows = [row for batch in store.scan(commit, "verdicts") for row in batch.to_pylist()]
    said = {
        name: {row["trace_id"]: row for row in rows if row["verifier"] == name} for name in ("answer", "whole_number")
    }
    decided = {trace: row for trace, row in said["whole_number"].items() if row["outcome"] != "unknown"}
    assert {row["outcome"] for row in decided.values()} == {"verified", "refuted"}
    assert all(said["answer"][trace]["outcome"] == row["outcome"] for trace, row in decided.items())
    assert {row["judge"] for row in decided.values()} == {'{"digits":18}'}


def test_the_lines_of_the_page_are_judged_as_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examples = [
        json.loads(line) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
    ]
    asked, said, steps = examples
    (tmp_path / "lines.jsonl").write_text(json.dumps(asked) + "\n" + json.dumps(steps) + "\n")
    assert main(["judge", str(tmp_path / "lines.jsonl"), "--json", "--processes", "1"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == said
    assert (second["id"], second["outcome"]) == (2, "verified")
