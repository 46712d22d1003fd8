"""A build whose folder is gone is resumed from what is published: no call is made again, and the rows are the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hub.server import HubServer
from servers.chat_server import ChatServer, Said
from students import asked
from tracemill.cli.command_line import main
from tracemill.publishing.hub.published_builds import BUILDS
from tracemill.store.store import Store
from workplace import CONFIG, Workplace


@pytest.fixture
def elsewhere(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """Another machine: an empty folder in which commands run, with the same config."""
    monkeypatch.chdir(workplace.folder)
    return workplace


def resume(place: Workplace, *overrides: str, address: str = "hf://me/x") -> int:
    return place.build(*overrides, out=address)


def test_a_published_build_is_whole_again_with_the_same_shards(
    hub: HubServer, finished: Workplace, elsewhere: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", finished.out, "me/x"]) == 0
    assert resume(elsewhere) == 0
    out = str(elsewhere.folder / "builds/small")
    assert elsewhere.shards(out) == finished.shards()
    said = capsys.readouterr()
    assert "resumed from hf://me/x@" in said.err
    assert main(["status", out]) == 0
    stores = Store(finished.out), Store(out)
    for table in ("traces", "verdicts", "completions"):
        rows = [store.latest().tables[table].rows for store in stores]
        assert rows[0] == rows[1] > 0


def adding(body, _count):
    a, b = map(int, re.findall(r"\d+", body["messages"][-1]["content"]) or (0, 0))
    return Said(f"The answer is {a + b + (a % 3 == 0)}.", f"{a} + {b}")


def sums(place: Workplace, url: str) -> None:
    """A config that asks the model at a URL for sums, twice for each."""
    path = place.folder / "sums.jsonl"
    questions = ({"q": f"What is {n} plus {n + 1}?", "a": str(2 * n + 1)} for n in range(9))
    path.write_text("".join(json.dumps(one) + "\n" for one in questions))
    source = {
        "kind": "jsonl",
        "name": "sums",
        "path": str(path),
        "licence": "MIT",
        "domain": "math.arithmetic.sums.plain",
    }
    source |= {"fields": {"prompt": "q", "answer": "a"}, "check": {"kind": "numeric"}}
    changed = {
        "sources": [source],
        "teacher": {"kind": "openai", "urls": [url], "model": "tiny"},
        "split": {"bench": 0},
        "verify": {"require": ["answer"], "audit": 2, "leakage": None},
        "views": ["sft", "rlvr"],
    }
    place.config({**CONFIG, **changed})


def test_teachers_are_not_asked_again_but_for_what_is_new(hub: HubServer, elsewhere: Workplace) -> None:
    """A model behind a server: two samples of each problem were published; a third one is asked for here."""
    with ChatServer(adding) as server:
        sums(elsewhere, server.url)
        assert elsewhere.build() == 0
        assert main(["publish", elsewhere.out, "me/x"]) == 0
        assert len(asked(server)) == 18
        assert resume(elsewhere) == 0
        assert len(asked(server)) == 18
        out = str(elsewhere.folder / "builds/small")
        assert elsewhere.shards(out) == elsewhere.shards()
        costs = [json.loads((Path(one) / "manifest.json").read_text())["costs"] for one in (out, elsewhere.out)]
        assert costs[0] == costs[1]
        assert resume(elsewhere, "strategy.samples=3") == 0
        assert len(asked(server)) == 27


def test_another_teacher_is_refused_as_in_a_build_that_is_here(
    hub: HubServer, finished: Workplace, elsewhere: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", finished.out, "me/x"]) == 0
    assert resume(elsewhere, "teacher.mistakes=0.1") == 2
    assert "traces.teacher.mistakes was 0.5 and is 0.1" in capsys.readouterr().err
    assert resume(elsewhere, "seed=4") == 2
    assert "problems.seed was 3 and is 4" in capsys.readouterr().err
    assert not (elsewhere.folder / "builds").exists()


def test_a_kill_in_the_middle_is_made_up_for(
    hub: HubServer, finished: Workplace, elsewhere: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracemill.publishing.hub.published_repository import PublishedRepository

    assert main(["publish", finished.out, "me/x"]) == 0
    whole = PublishedRepository.batches

    def broken(self, files, columns=None):
        for batch in whole(self, files, columns):
            if any(file.path.startswith("verdicts/") for file in files):
                raise KeyboardInterrupt
            yield batch

    with monkeypatch.context() as patch:
        patch.setattr(PublishedRepository, "batches", broken)
        assert resume(elsewhere) == 1
    assert resume(elsewhere) == 0
    assert elsewhere.shards(str(elsewhere.folder / "builds/small")) == finished.shards()


def test_what_is_here_goes_before_what_is_there(hub: HubServer, finished: Workplace, elsewhere: Workplace) -> None:
    assert main(["publish", finished.out, "me/x"]) == 0
    here = str(elsewhere.folder / "builds/small")
    assert elsewhere.build("sources.0.per_task=13", out=here) == 0
    rows = Store(here).latest().tables["traces"].rows
    assert resume(elsewhere, "sources.0.per_task=13") == 0
    assert Store(here).latest().tables["traces"].rows == rows


def test_a_repository_without_a_build_begins_one(
    hub: HubServer, elsewhere: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert resume(elsewhere) == 0
    assert "hf://me/x holds no build yet" in (said := capsys.readouterr().err)
    assert "tracemill publish builds/small me/x" in said
    assert not hub.heads


def test_a_list_of_builds_that_was_changed_is_not_believed(
    hub: HubServer, finished: Workplace, elsewhere: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", finished.out, "me/x"]) == 0
    hub.add("me/x", {BUILDS: hub.files("me/x")[BUILDS].replace(b"small", b"large")})
    assert resume(elsewhere) == 1
    assert "is damaged (its content differs from its hash)" in capsys.readouterr().err


def test_a_shard_that_was_changed_is_not_believed(
    hub: HubServer, finished: Workplace, elsewhere: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", finished.out, "me/x"]) == 0
    path = next(path for path in hub.files("me/x") if path.startswith("traces/"))
    hub.add("me/x", {path: hub.files("me/x")[path] + b"?"})
    assert resume(elsewhere) == 1
    assert "differs from its hash" in capsys.readouterr().err
