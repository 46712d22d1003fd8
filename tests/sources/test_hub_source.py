"""The source `hub` without a network: what the libraries say of a dataset is played by stand-ins."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tracemill.records import Problem
from tracemill.settings.errors import UsageError
from tracemill.sources import hub_source
from tracemill.sources.hub_source import HubConfig, HubFiles, HubSource
from tracemill.sources.source import Context

COMMIT = "c" * 40


def source(**changes: Any) -> HubSource:
    base = {
        "kind": "hub",
        "name": "toy",
        "repo": "me/toy",
        "licence": "MIT",
        "fields": {"prompt": "q", "answer": "a"},
        "domain": "math.arithmetic.words.toy",
        "check": {"kind": "numeric"},
    }
    return HubSource(HubConfig.model_validate(base | changes), Context(seed=1, bench_share=0.0))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A dataset with two splits, whose files lie here."""
    for split, count in (("train", 5), ("test", 2)):
        rows = [{"q": f"What is {k} and {split}?", "a": str(k), "more": "x"} for k in range(count)]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{split}-00000.parquet")
    files = {split: [str(tmp_path / f"{split}-00000.parquet")] for split in ("train", "test")}
    played = SimpleNamespace(files=files, asked=[], raises=None)

    class Api:
        def dataset_info(self, repo: str, revision: str) -> Any:
            if played.raises is not None:
                raise played.raises
            played.asked.append((repo, revision))
            return SimpleNamespace(sha=COMMIT, card_data=SimpleNamespace(license="mit"))

    def builder(path: str, name: str | None, revision: str) -> Any:
        played.asked.append((path, name, revision))
        return SimpleNamespace(config=SimpleNamespace(name=name or "default", data_files=played.files))

    import datasets
    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(datasets, "load_dataset_builder", builder)
    return played


def test_a_split_is_read_at_the_commit_that_its_revision_stands_for(hub: SimpleNamespace) -> None:
    one = source(revision="v1", config="all")
    one.check()
    assert hub.asked == [("me/toy", "v1"), ("hf://datasets/me/toy", "all", COMMIT)]
    found = [record for item in one.items({}) for record in one.produce(item)]
    assert [problem.prompt for problem in found if isinstance(problem, Problem)] == [
        f"What is {k} and train?" for k in range(5)
    ]
    assert isinstance(found[0], Problem) and found[0].source.revision == COMMIT
    assert one.parts()["toy"].identity["commit"] == COMMIT
    assert len(list(source(split="test").items({}))) == 1


def test_a_revision_that_moved_on_is_another_build_and_the_commit_by_its_name_is_not(hub, monkeypatch) -> None:
    before = source(revision="main").parts()
    assert source(revision=COMMIT).parts() == before
    moved = hub_source.hub_files("me/toy", None, "train", "main")._replace(commit="d" * 40)
    monkeypatch.setattr(hub_source, "hub_files", lambda *_: moved)
    assert source(revision="main").parts() != before


def test_a_split_that_is_not_there_is_named_with_those_there_are(hub: SimpleNamespace) -> None:
    with pytest.raises(UsageError, match="no split 'dev'; there are: train, test"):
        source(split="dev").check()


def failure(kind: str) -> Exception:
    from huggingface_hub import errors

    made: Any = getattr(errors, kind)
    one = made.__new__(made)
    Exception.__init__(one, f"{kind} of the server")
    return one


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("GatedRepoError", "'me/toy' is gated: ask for access"),
        ("RevisionNotFoundError", "has no revision 'v9'"),
        ("RepositoryNotFoundError", "there is no dataset 'me/toy' that may be read"),
        (RuntimeError("Dataset scripts are no longer supported, but found toy.py"), "needs code of its own"),
        (ConnectionError("no route"), "cannot be read .ConnectionError: no route"),
        (ValueError("BuilderConfig 'x' not found. Available: ['default']"), "Available: ..default"),
    ],
)
def test_what_the_hub_refuses_is_said_with_what_to_do(hub: SimpleNamespace, raised: Any, said: str) -> None:
    hub.raises = failure(raised) if isinstance(raised, str) else raised
    with pytest.raises(UsageError, match=said):
        source(revision="v9").check()


def test_a_dataset_in_another_format_is_read_as_the_hub_converted_it(hub, tmp_path, monkeypatch) -> None:
    hub.files = {"train": ["hf://datasets/me/toy@c/rows.jsonl"]}
    globbed: dict[str, list[str]] = {}

    class Files:
        def glob(self, pattern: str) -> list[str]:
            return globbed.get(pattern, [])

    import huggingface_hub

    monkeypatch.setattr(huggingface_hub, "HfFileSystem", Files)
    folder = f"datasets/me/toy@{COMMIT}/default"
    with pytest.raises(UsageError, match="converted nothing of it"):
        hub_source.hub_files("me/toy", None, "train", "main")
    globbed[f"{folder}/partial-train/*.parquet"] = ["x"]
    with pytest.raises(UsageError, match="converted only the first part"):
        hub_source.hub_files("me/toy", None, "train", "main")
    globbed[f"{folder}/train/*.parquet"] = [f"{folder}/train/0000.parquet"]
    assert hub_source.hub_files("me/toy", None, "train", "main") == HubFiles(
        COMMIT, [f"hf://{folder}/train/0000.parquet"], "mit"
    )
