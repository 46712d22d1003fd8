"""Builds that add to a published one: only what is new is made and kept, and the repository grows by it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hub.client import environment_of
from hub.server import HubServer
from tracemill.cli.command_line import main
from tracemill.publishing.hub.published_builds import BUILDS
from tracemill.store.store import Store
from workplace import CONFIG, Workplace

SOURCES = [{"kind": "domains", "select": ["math.algebra.*"], "per_task": 12, "difficulty": [0.0, 1.0]}]
SMALL = {**CONFIG, "sources": SOURCES, "split": {"bench": 0.3}}


def add_to(place: Workplace, previous: str, name: str, **more: Any) -> str:
    """Builds on top of `previous`; the folder."""
    place.config({**SMALL, "incremental": {"previous": previous}, **more})
    out = str(place.folder / name)
    assert place.build(out=out) == 0
    return out


def table(out: str, name: str, *columns: str) -> list[dict[str, Any]]:
    store = Store(out)
    return [row for batch in store.scan(store.latest(), name, columns) for row in batch.to_pylist()]


def published(out: str, name: str, *columns: str) -> list[dict[str, Any]]:
    shards = sorted((Path(out) / "dataset" / name).glob("*.parquet"))
    return [row for shard in shards for row in pq.read_table(shard, columns=list(columns)).to_pylist()]


def manifest(out: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(out) / "manifest.json").read_text())
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = Workplace(tmp_path_factory.mktemp("first"))
    place.config(SMALL)
    assert place.build() == 0
    return place.out


@pytest.fixture(scope="module")
def second(first: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    return add_to(Workplace(tmp_path_factory.mktemp("second")), first, "second")


def test_indices_go_on_where_the_earlier_build_ended(first: str, second: str) -> None:
    indices = [sorted(row["source"]["index"] for row in table(out, "problems", "source")) for out in (first, second)]
    assert max(indices[0]) < 12 <= min(indices[1]) and max(indices[1]) < 24
    assert not {row["id"] for row in table(first, "problems", "id")} & {
        row["id"] for row in table(second, "problems", "id")
    }


def test_held_out_groups_are_held_out_in_both(first: str, second: str) -> None:
    splits: dict[str, set[str]] = {}
    for out in (first, second):
        for row in table(out, "problems", "group_id", "split"):
            splits.setdefault(row["group_id"], set()).add(row["split"])
    assert {"bench"} in splits.values() and {"train"} in splits.values()
    assert all(len(found) == 1 for found in splits.values())


def test_shards_of_both_have_names_of_their_own(first: str, second: str) -> None:
    names = [
        {path.relative_to(Path(out)).as_posix() for path in Path(out).glob("dataset/*/*.parquet")}
        for out in (first, second)
    ]
    assert names[0] and names[1] and not names[0] & names[1]


def test_a_build_says_what_it_adds_to_and_what_they_come_to(first: str, second: str) -> None:
    rows = {
        view: manifest(first)["view_totals"][view] + count for view, count in manifest(second)["view_totals"].items()
    }
    builds = manifest(second)["builds"]
    assert builds["rows"] == rows and len(builds["each"]) == 2
    assert manifest(second)["earlier"]["where"] == first
    card = (Path(second) / "dataset/README.md").read_text()
    assert "## Builds" in card and f"| all | {rows['sft']:,} |" in card


def test_a_build_that_was_finished_has_nothing_to_do(
    first: str, second: str, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(second, workplace.folder / "second")
    add_to(workplace, first, "second")
    assert "is complete: nothing to do" in capsys.readouterr().out


def test_both_builds_load_as_one_dataset_from_the_hub(hub: HubServer, first: str, second: str, tmp_path: Path) -> None:
    for out in (first, second):
        assert main(["publish", out, "me/x", "--public"]) == 0
    script = (
        "import json, datasets; datasets.config.USE_PARQUET_EXPORT = False\n"
        "wanted = ('sft', 'train', 'trace_ids'), ('sft_by_stage', 'hard', 'trace_ids'), ('problems', 'train', 'id')\n"
        "print(json.dumps([datasets.load_dataset('me/x', name)[split][column][:] for name, split, column in wanted]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment_of(hub, tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    whole, hard, problems = json.loads(done.stdout)
    each = [published(out, "sft", "trace_ids", "stage") for out in (first, second)]
    in_order = [
        row["trace_ids"] for stage in ("easy", "hard") for rows in each for row in rows if row["stage"] == stage
    ]
    assert whole == in_order
    assert hard == [row["trace_ids"] for rows in each for row in rows if row["stage"] == "hard"]
    assert len(problems) == sum(len(published(out, "problems", "id")) for out in (first, second))
    assert len(hub.heads) == 3 and len(json.loads(hub.files("me/x")[BUILDS])["builds"]) == 2


def test_a_folder_and_a_repository_are_the_same_to_add_to(
    hub: HubServer, first: str, second: str, workplace: Workplace
) -> None:
    assert main(["publish", first, "me/x"]) == 0
    out = add_to(workplace, "hf://me/x", "second")
    assert workplace.shards(out) == workplace.shards(second)
    head = hub.repositories["me/x"].head.oid
    assert manifest(out)["earlier"]["where"] == f"hf://me/x@{head}"


def test_a_third_build_leaves_out_what_the_first_two_have(
    hub: HubServer, first: str, second: str, workplace: Workplace
) -> None:
    third = add_to(workplace, second, "third")
    assert {row["source"]["index"] for row in table(third, "problems", "source")} <= set(range(24, 36))
    for out in (first, second, third):
        assert main(["publish", out, "me/x"]) == 0
    rows = manifest(third)["builds"]["rows"]["sft"]
    assert rows == sum(len(published(out, "sft", "trace_ids")) for out in (first, second, third))
    assert main(["publish", third, "me/x"]) == 0
    assert len(hub.heads) == 4


def lines(*numbers: int) -> Iterator[dict[str, Any]]:
    things = ("herons", "old clocks", "unread letters", "bicycles", "bakers", "ships", "lamps", "sleeping cats")
    for number in numbers:
        a, b = 7 * number + 3, 11 * number + 5
        thing = things[number % 8]
        question = f"In town number {number} there are {a} {thing} and {b} more come. How many are there now?"
        yield {"question": question, "answer": str(a + b), "solution": f"I take {a} and {b}.\nAnswer: {a + b}"}


def own(
    place: Workplace, name: str, rows: list[dict[str, Any]], previous: str | None = None, limit: int | None = None
) -> str:
    """A build of one's own solutions."""
    path = place.folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    references = [{"text": "solution", "author": "people"}]
    source = {
        "kind": "jsonl",
        "name": "toy",
        "path": str(path),
        "licence": "MIT",
        "fields": {"prompt": "question", "answer": "answer", "references": references},
        "domain": "math.arithmetic.words.toy",
        "check": {"kind": "numeric"},
        "limit": limit,
    }
    changed = {
        "sources": [source],
        "teacher": {"kind": "replay"},
        "strategy": {"kind": "single"},
        "split": {"bench": 0},
        "verify": {"require": ["answer"], "audit": 1, "leakage": None},
        "views": ["sft"],
        **({"incremental": {"previous": previous}} if previous else {}),
    }
    place.config({**CONFIG, **changed})
    out = str(place.folder / name)
    assert place.build(out=out) == 0
    return out


def test_what_is_published_is_left_out_with_the_reason(workplace: Workplace) -> None:
    """The same, but for case; much alike; and one that contradicts what is published, which stays there."""
    before = own(workplace, "before", list(lines(1, 2, 3, 4)))
    same, alike, contrary, fresh = lines(1, 2, 3, 5)
    same["question"] = same["question"].upper()
    alike["question"] += " Please."
    contrary["answer"] = "1"
    out = own(workplace, "after", [same, alike, contrary, fresh], previous=before)
    prompts = {row["id"]: row["prompt"] for row in table(out, "problems", "id", "prompt")}
    reasons = {prompts[row["problem_id"]]: row for row in table(out, "screened", "problem_id", "reason", "detail")}
    assert {prompt: row["reason"] for prompt, row in reasons.items()} == {
        same["question"]: "published before",
        alike["question"]: "published before",
        contrary["question"]: "contradictory answers",
    }
    ids = {row["prompt"]: row["id"] for row in table(before, "problems", "id", "prompt")}
    assert reasons[same["question"]]["detail"] == f"of {ids[next(lines(1))['question']]}"
    assert "similarity" in reasons[alike["question"]]["detail"]
    assert [row["messages"][0]["content"] for row in published(out, "sft", "messages")] == [fresh["question"]]
    assert manifest(out)["screening"]["published before"] == 2


def test_a_limit_goes_on_where_the_earlier_build_stopped_to_read(workplace: Workplace) -> None:
    rows = list(lines(1, 2, 3, 4, 5))
    before = own(workplace, "one", rows, limit=2)
    after = own(workplace, "two", rows, previous=before, limit=2)
    found = [sorted(row["source"]["index"] for row in table(out, "problems", "source")) for out in (before, after)]
    assert found == [[0, 1], [2, 3]]
    assert not table(after, "screened", "id")


def test_two_that_add_to_the_same_cannot_harm_each_other(
    hub: HubServer, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second to publish is refused, and leaves out what the first one added when it is asked to."""
    before = own(workplace, "before", list(lines(1, 2)))
    assert main(["publish", before, "me/x"]) == 0
    one = own(workplace, "one", list(lines(3, 4)), previous="hf://me/x")
    two = own(workplace, "two", list(lines(4, 5, 6)), previous="hf://me/x")
    assert main(["publish", one, "me/x"]) == 0
    head = hub.repositories["me/x"].head
    capsys.readouterr()
    assert main(["publish", two, "me/x"]) == 1
    assert "has moved on: 1 build(s) were added" in (said := capsys.readouterr().err) and "--onto-latest" in said
    assert hub.repositories["me/x"].head == head
    assert main(["publish", two, "me/x", "--onto-latest"]) == 0
    rows = [row["messages"][0]["content"] for out in (before, one, two) for row in published(out, "sft", "messages")]
    assert sorted(rows) == sorted(row["question"] for row in lines(1, 2, 3, 4, 5, 6))
    shards = {path for out in (before, one, two) for path in workplace.shards(out)}
    assert shards <= hub.files("me/x").keys() and len(json.loads(hub.files("me/x")[BUILDS])["builds"]) == 3


def test_a_build_goes_on_from_the_revision_that_it_began_with(hub: HubServer, workplace: Workplace) -> None:
    before = own(workplace, "before", list(lines(1, 2)))
    assert main(["publish", before, "me/x"]) == 0
    pinned = hub.repositories["me/x"].head.oid
    one = own(workplace, "one", list(lines(3, 4)), previous="hf://me/x")
    two = own(workplace, "two", list(lines(5, 6)), previous="hf://me/x")
    assert main(["publish", one, "me/x"]) == 0
    assert own(workplace, "two", list(lines(5, 6)), previous="hf://me/x") == two
    assert manifest(two)["earlier"]["where"] == f"hf://me/x@{pinned}"


def refused(place: Workplace, said: str, capsys: pytest.CaptureFixture[str], **config: Any) -> None:
    place.config({**SMALL, **config})
    assert place.build() == 2
    assert said in capsys.readouterr().err
    assert not Path(place.out).exists()


def test_what_cannot_be_added_to_is_said(
    hub: HubServer, first: str, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    to_first = {"incremental": {"previous": first}}
    refused(workplace, "holds out 0.3 of the groups, and this config 0.1", capsys, **to_first, split={"bench": 0.1})
    views = [{"kind": "sft", "reasoning": "reasoning_content"}]
    refused(workplace, "their rows would not have the same columns", capsys, **to_first, views=views)
    refused(workplace, "there is no build at", capsys, incremental={"previous": str(workplace.folder / "nowhere")})
    refused(workplace, "no published build at hf://me/nothing", capsys, incremental={"previous": "hf://me/nothing"})
    hub.add("me/theirs", {"a.txt": b"x"})
    refused(workplace, "no published build at hf://me/theirs", capsys, incremental={"previous": "hf://me/theirs"})
    refused(workplace, "write OWNER/NAME", capsys, incremental={"previous": "hf://nothing"})


def test_a_build_of_another_schema_version_is_not_added_to(
    hub: HubServer,
    first: str,
    workplace: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tracemill.publishing.hub import published_repository

    assert main(["publish", first, "me/x"]) == 0
    monkeypatch.setattr(published_repository, "SCHEMA_VERSION", 99)
    for previous in (first, "hf://me/x"):
        refused(
            workplace,
            "has schema version 3, and this tracemill writes version 99",
            capsys,
            incremental={"previous": previous},
        )


def test_an_unfinished_build_is_not_added_to(workplace: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    workplace.config(SMALL)
    unfinished = str(workplace.folder / "unfinished")
    assert workplace.build(out=unfinished, flags=("--until", "traces")) == 0
    refused(workplace, "is not finished", capsys, incremental={"previous": unfinished})


def test_a_build_that_adds_is_published_after_what_it_adds_to(
    hub: HubServer, second: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", second, "me/x"]) == 2
    assert "publish that one there first" in capsys.readouterr().err
    assert not hub.heads


def test_a_build_that_began_alone_does_not_become_one_that_adds(
    first: str, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(first, workplace.out)
    workplace.config({**SMALL, "incremental": {"previous": first}})
    assert workplace.build() == 2
    assert "problems.begun is new" in capsys.readouterr().err


def test_a_build_that_changed_takes_its_own_place(hub: HubServer, workplace: Workplace) -> None:
    """Its selection changed after it was published: its shards go, those of the build before it stay."""
    before = own(workplace, "before", list(lines(1, 2)))
    assert main(["publish", before, "me/x"]) == 0
    one = own(workplace, "one", list(lines(3, 4, 5)), previous="hf://me/x")
    assert main(["publish", one, "me/x"]) == 0
    gone = set(workplace.shards(one))
    assert workplace.build("shards.rows=1", out=one) == 0
    assert main(["publish", one, "me/x"]) == 0
    files, there = hub.files("me/x").keys(), set(workplace.shards(one))
    assert there <= files and set(workplace.shards(before)) <= files
    assert not (gone - there) & files
    assert len(json.loads(hub.files("me/x")[BUILDS])["builds"]) == 2


def test_the_first_build_does_not_wipe_those_that_were_added(
    hub: HubServer, first: str, second: str, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    for out in (first, second):
        assert main(["publish", out, "me/x"]) == 0
    shutil.copytree(first, workplace.out)
    workplace.config(SMALL)
    assert workplace.build("views=[sft]") == 0
    assert main(["publish", workplace.out, "me/x"]) == 2
    assert "holds 2 build(s) that this one would take the place of" in capsys.readouterr().err
    assert main(["publish", workplace.out, "me/x", "--replace"]) == 0
    assert not set(workplace.shards(second)) & hub.files("me/x").keys()


def test_a_build_does_not_add_to_itself(
    hub: HubServer, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    before = own(workplace, "before", list(lines(1, 2)))
    assert main(["publish", before, "me/x"]) == 0
    one = own(workplace, "one", list(lines(3, 4)), previous="hf://me/x")
    assert main(["publish", one, "me/x", "--onto-latest"]) == 0
    head = hub.repositories["me/x"].head.oid
    assert workplace.build(f"incremental.previous=hf://me/x@{head}", out=one) == 2
    assert "has this very build, which cannot add to itself" in capsys.readouterr().err
    assert workplace.build(out=one) == 0
    assert main(["publish", one, "me/x"]) == 0
    assert len(hub.heads) == 3


def test_a_build_that_was_put_onto_another_stays_there(
    hub: HubServer, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its config names the repository without a revision, and has its rows by now."""
    before = own(workplace, "before", list(lines(1, 2)))
    assert main(["publish", before, "me/x"]) == 0
    one = own(workplace, "one", list(lines(3, 4)), previous="hf://me/x")
    two = own(workplace, "two", list(lines(4, 5)), previous="hf://me/x")
    for out in (one, two):
        assert main(["publish", out, "me/x", "--onto-latest"]) == 0
    capsys.readouterr()
    assert own(workplace, "two", list(lines(4, 5)), previous="hf://me/x") == two
    assert "is complete: nothing to do" in capsys.readouterr().out


def test_a_build_that_adds_is_resumed_where_it_began(
    hub: HubServer, first: str, second: str, workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another machine, by a config that names the repository, which has the build itself by now."""
    assert main(["publish", first, "me/x"]) == 0
    made = add_to(workplace, "hf://me/x", "made")
    assert main(["publish", made, "me/x"]) == 0
    (workplace.folder / "elsewhere").mkdir()
    monkeypatch.chdir(workplace.folder / "elsewhere")
    assert workplace.build(out="hf://me/x") == 0
    assert workplace.shards("builds/small") == workplace.shards(made) == workplace.shards(second)
    assert main(["publish", "builds/small", "me/x"]) == 0
    assert len(json.loads(hub.files("me/x")[BUILDS])["builds"]) == 2
