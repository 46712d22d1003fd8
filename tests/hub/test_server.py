"""The stand-in Hub gives the real clients what the real one gives them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hub.client import environment_of
from hub.server import READ_TOKEN, HubServer, Trouble
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

OF = {"repo_id": "me/x", "repo_type": "dataset"}


def shard(values: list[int]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"value": values}), sink)
    return sink.getvalue()


def load(hub: HubServer, home: Path, call: str, token: str | None = None) -> str:
    """What a process prints that has `rows`, what `load_dataset` gave."""
    script = (
        "import datasets; datasets.config.USE_PARQUET_EXPORT = False\n"
        f"rows = datasets.load_dataset({call})\nprint([row['value'] for row in rows])"
    )
    environment = environment_of(hub, home, token)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr


CARD = b"---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/*.parquet\n---\n# x\n"


def test_datasets_streams_a_dataset_and_one_of_its_earlier_revisions(hub: HubServer, tmp_path: Path) -> None:
    first = hub.add("me/x", {"README.md": CARD, "data/a.parquet": shard([1, 2, 3])})
    hub.add("me/x", {"data/b.parquet": shard([4])})
    assert load(hub, tmp_path, "'me/x', split='train', streaming=True") == "[1, 2, 3, 4]"
    assert load(hub, tmp_path, f"'me/x', split='train', revision={first!r}") == "[1, 2, 3]"


def test_datasets_says_what_is_missing_gated_private_or_needs_code(hub: HubServer, tmp_path: Path) -> None:
    hub.add("me/gated", {"README.md": CARD, "data/a.parquet": shard([1])}, gated=frozenset({"friend"}))
    hub.add("me/private", {"README.md": CARD, "data/a.parquet": shard([1])}, private=True)
    hub.add("me/code", {"README.md": b"# x", "code.py": b"import datasets"})
    call = "{!r}, split='train', streaming=True"
    assert "DatasetNotFoundError" in load(hub, tmp_path, call.format("me/nothing"))
    assert "is a gated dataset" in load(hub, tmp_path, call.format("me/gated"))
    assert "doesn't exist on the Hub or cannot be accessed" in load(hub, tmp_path, call.format("me/private"))
    assert load(hub, tmp_path, call.format("me/private"), READ_TOKEN) == "[1]"
    assert "scripts are no longer supported" in load(hub, tmp_path, call.format("me/code"))


def test_a_listing_in_pages_is_whole(hub: HubServer) -> None:
    hub.page = 3
    paths = {f"data/{number}/part.txt": b"text" for number in range(7)}
    hub.add("me/x", paths)
    found = {entry.path: entry for entry in HfApi().list_repo_tree(**OF, recursive=True)}
    assert found.keys() == {*paths, ".gitattributes", "data", *(f"data/{number}" for number in range(7))}
    assert len(hub.asked("GET", "/tree/")) > 3


def test_large_files_come_from_another_origin_without_the_token(hub: HubServer) -> None:
    hub.add("me/x", {"data/a.parquet": shard([1])})
    path = HfApi().hf_hub_download(**OF, filename="data/a.parquet")
    assert Path(path).read_bytes() == shard([1])
    [seen] = hub.asked("GET", "/caches/")
    assert seen.status == 200 and "Authorization" not in {name.title() for name in seen.headers}


def test_uploads_commits_and_tags_are_as_the_client_wants_them(hub: HubServer) -> None:
    api = HfApi()
    hub.part = 100
    assert api.create_repo(**OF, private=True).repo_id == "me/x"
    parent = api.repo_info(**OF).sha
    additions = [CommitOperationAdd("data/a.parquet", shard([1])), CommitOperationAdd("README.md", CARD)]
    made = api.create_commit(**OF, operations=additions, commit_message="One", parent_commit=parent)
    assert hub.files("me/x") == {**hub.files("me/x", parent), "data/a.parquet": shard([1]), "README.md": CARD}
    api.create_tag(**OF, tag="v1", revision=made.oid)
    api.create_commit(**OF, operations=[CommitOperationDelete("README.md")], commit_message="Two")
    assert "README.md" not in hub.files("me/x") and "README.md" in hub.files("me/x", "v1")
    assert [one.title for one in api.list_repo_commits(**OF)] == ["Two", "One", "initial commit"]
    assert {one.name for one in api.list_repo_refs(**OF).tags} == {"v1"}


def test_what_has_been_uploaded_is_not_asked_for_again(hub: HubServer) -> None:
    hub.repository("me/x")
    for _ in range(2):
        HfApi().preupload_lfs_files(**OF, additions=[CommitOperationAdd("a.parquet", shard([1]))])
    assert len(hub.asked("PUT", "/lfs/put")) == 1


def test_errors_are_those_that_the_client_knows(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    api = HfApi()
    hub.add("me/x", {"a.txt": b"text"})
    hub.add("me/gated", {"a.txt": b"text"}, gated=frozenset())
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info("me/nothing", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        api.repo_info(**OF, revision="nowhere")
    with pytest.raises(EntryNotFoundError):
        api.hf_hub_download(**OF, filename="b.txt")
    with pytest.raises(GatedRepoError):
        api.hf_hub_download("me/gated", "a.txt", repo_type="dataset")
    with pytest.raises(ValueError, match="license"):
        card = b"---\nlicense: my-own\n---\n"
        api.create_commit(**OF, operations=[CommitOperationAdd("README.md", card)], commit_message="x")
    with pytest.raises(HfHubHTTPError, match=r"(?s)412.*A commit has happened since"):
        operations = [CommitOperationAdd("b.txt", b"text")]
        api.create_commit(**OF, operations=operations, commit_message="x", parent_commit="0" * 40)
    monkeypatch.setenv("HF_TOKEN", READ_TOKEN)
    with pytest.raises(HfHubHTTPError, match="403"):
        api.create_commit(**OF, operations=[CommitOperationAdd("b.txt", b"text")], commit_message="x")


def test_trouble_comes_when_it_is_planned(hub: HubServer) -> None:
    hub.add("me/x", {"a.txt": b"text"})
    hub.troubles += [Trouble("GET", "/api/whoami", status=403, skip=1), Trouble("GET", "/refs", lost=True)]
    api = HfApi()
    assert api.whoami()["name"] == "me"
    with pytest.raises(HfHubHTTPError, match="trouble"):
        api.whoami()
    assert api.whoami()["name"] == "me"
    with pytest.raises(Exception, match="disconnected"):
        api.list_repo_refs(**OF)
    assert [seen.status for seen in hub.asked("GET", "/refs")] == [None]


def test_answers_are_json_or_bytes_with_the_limits_of_rates(hub: HubServer) -> None:
    from huggingface_hub.utils import get_session, parse_ratelimit_headers

    answer = get_session().get(f"{hub.endpoint}/api/whoami-v2")
    assert json.loads(answer.content)["error"]
    limit = parse_ratelimit_headers(answer.headers)
    assert limit is not None and limit.remaining > 0
