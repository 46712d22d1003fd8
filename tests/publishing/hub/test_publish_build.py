"""`tracemill publish` with the real client against the stand-in Hub: what comes to lie there, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hub.client import environment_of
from hub.server import READ_TOKEN, HubServer, Trouble
from tracemill.cli.command_line import main
from tracemill.publishing.hub.published_builds import BUILDS
from workplace import Workplace


def publish(out: str, *flags: str, repository: str = "me/x") -> int:
    return main(["publish", out, repository, *flags])


def in_folder(out: str) -> dict[str, bytes]:
    """The dataset's files by path, but for the card, which is written anew for the repository."""
    root = Path(out) / "dataset"
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {path: file.read_bytes() for path, file in found.items() if path != "README.md"}


@pytest.fixture
def copied(finished: Workplace, workplace: Workplace) -> Workplace:
    shutil.copytree(finished.out, workplace.out)
    return workplace


def test_a_build_is_one_commit_with_a_tag_in_a_private_repository(hub: HubServer, finished: Workplace) -> None:
    assert publish(finished.out) == 0
    repository = hub.repositories["me/x"]
    assert repository.private
    first, ours = reversed(list(repository.history()))
    assert first.title == "initial commit" and ours.parent == first.oid
    assert repository.tags == {ours.title.split("(")[1].rstrip(")"): ours.oid}
    files = hub.files("me/x")
    dataset = in_folder(finished.out)
    assert {path: files[path] for path in dataset} == dataset
    others = files.keys() - dataset.keys()
    assert {path.split("/")[0] for path in others} == {"README.md", ".gitattributes", "tracemill"}
    manifest = json.loads((Path(finished.out) / "manifest.json").read_text())
    calls = [path for path in others if path.startswith("tracemill/completions/")]
    rows = sum(pq.read_metadata(_local(files[path])).num_rows for path in calls)
    assert rows == manifest["counts"]["completions"]


def _local(content: bytes) -> Any:
    import io

    return io.BytesIO(content)


def test_the_published_dataset_loads_by_its_name_alone(hub: HubServer, finished: Workplace, tmp_path: Path) -> None:
    """As a user would, with columns and rows checked against the card by `datasets` itself."""
    assert publish(finished.out, "--public") == 0
    assert not hub.repositories["me/x"].private
    script = (
        "import json, datasets; datasets.config.USE_PARQUET_EXPORT = False\n"
        "whole = datasets.load_dataset('me/x', 'sft', split='train')\n"
        "streamed = list(datasets.load_dataset('me/x', 'sft', split='train', streaming=True))\n"
        "stages = datasets.load_dataset('me/x', 'sft_by_stage')\n"
        "print(json.dumps([whole['trace_ids'][:], [row['trace_ids'] for row in streamed], list(stages)]))"
    )
    environment = environment_of(hub, tmp_path, None)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    whole, streamed, stages = json.loads(done.stdout)
    shards = sorted((Path(finished.out) / "dataset/sft").glob("*.parquet"))
    assert whole == streamed == [ids for one in shards for ids in pq.read_table(one)["trace_ids"].to_pylist()]
    assert stages == ["easy", "hard"]


def test_the_card_is_one_that_the_hub_takes_and_names_the_repository(hub: HubServer, finished: Workplace) -> None:
    from huggingface_hub import DatasetCard

    assert publish(finished.out) == 0
    text = hub.files("me/x")["README.md"].decode()
    data = DatasetCard(text).data.to_dict()
    names = {one["config_name"] for one in data["configs"]}
    assert {"sft", "sft_by_stage", "process", "rlvr", "problems", "traces", "verdicts"} <= names
    assert {one["config_name"] for one in data["dataset_info"]} == names
    assert data["license"] and data["size_categories"]
    assert 'load_dataset("me/x", "sft", split="train")' in text and "OWNER/NAME" not in text
    assert len(hub.asked("POST", "/api/validate-yaml")) == 1


def test_a_dry_run_says_what_would_change_and_changes_nothing(
    hub: HubServer, finished: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(finished.out, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "me/x@main, which would be made" in said and "add     README.md" in said and "+# small" in said
    assert "resumed" in said
    assert not hub.repositories and not hub.heads
    assert publish(finished.out, "--dry-run", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["private"] and not plan["exists"] and not plan["replaced"]
    assert {one["path"] for one in plan["added"]} >= set(in_folder(finished.out))


def test_publishing_again_changes_nothing_and_makes_a_tag_that_is_missing(
    hub: HubServer, finished: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(finished.out) == 0
    heads, tags = list(hub.heads), dict(hub.repositories["me/x"].tags)
    hub.repositories["me/x"].tags.clear()
    assert publish(finished.out) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert hub.heads == heads and hub.repositories["me/x"].tags == tags


def test_a_build_that_changed_replaces_what_it_put_there_and_keeps_what_others_did(
    hub: HubServer, copied: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(copied.out) == 0
    hub.add("me/x", {"notes.md": b"mine", "data/extra.csv": b"a,b\n"})
    first = in_folder(copied.out)
    assert copied.build("views=[sft]") == 0
    capsys.readouterr()
    assert publish(copied.out) == 0
    assert "kept, since no build of ours put them there: data/extra.csv, notes.md" in capsys.readouterr().out
    files, second = hub.files("me/x"), in_folder(copied.out)
    assert files["notes.md"] == b"mine" and second.keys() <= files.keys()
    assert not (first.keys() - second.keys()) & files.keys()
    assert len(json.loads(files[BUILDS])["builds"]) == 1


def test_another_build_takes_its_place_only_when_it_is_asked_to(
    hub: HubServer, finished: Workplace, workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(finished.out) == 0
    assert workplace.build("seed=4", "views=[sft]") == 0
    assert publish(workplace.out) == 2
    assert "holds 1 build(s) that this one would take the place of: small (build-" in capsys.readouterr().err
    assert publish(workplace.out, "--replace") == 0
    assert not in_folder(finished.out).keys() & hub.files("me/x").keys()


def test_a_card_that_somebody_edited_is_not_replaced_unasked(
    hub: HubServer, copied: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(copied.out) == 0
    edited = hub.files("me/x")["README.md"] + b"\nNote well.\n"
    head = hub.add("me/x", {"README.md": edited})
    assert copied.build("views=[sft]") == 0
    assert publish(copied.out) == 2
    assert "README.md would be replaced" in capsys.readouterr().err
    assert hub.repositories["me/x"].head.oid == head
    assert publish(copied.out, "--replace") == 0
    assert b"Note well." not in hub.files("me/x")["README.md"]


def test_a_repository_that_is_not_ours_wants_to_be_named_as_such(
    hub: HubServer, finished: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add("me/x", {"README.md": b"# theirs", "data.csv": b"1"}, private=True)
    assert publish(finished.out) == 2
    assert "holds README.md, data.csv, and no build of tracemill" in capsys.readouterr().err
    assert publish(finished.out, "--replace") == 0
    files = hub.files("me/x")
    assert files["data.csv"] == b"1" and b"theirs" not in files["README.md"]


def test_a_repository_that_all_can_read_wants_public(
    hub: HubServer, finished: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.repository("me/x")
    assert publish(finished.out) == 2
    assert "can be read by everybody; publish with --public" in capsys.readouterr().err
    assert len(hub.heads) == 1
    assert publish(finished.out, "--public") == 0


def test_a_branch_of_its_own_leaves_main_as_it_is(hub: HubServer, finished: Workplace) -> None:
    hub.repository("me/x", private=True)
    before = hub.files("me/x")
    assert publish(finished.out, "--revision", "next", "--message", "The next one") == 0
    assert hub.files("me/x") == before and "README.md" in hub.files("me/x", "next")
    assert hub.repositories["me/x"].at("next").title.startswith("The next one (build-")


def test_an_unfinished_build_and_a_damaged_one_are_refused(
    hub: HubServer, copied: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    unfinished = str(copied.folder / "unfinished")
    assert copied.build(out=unfinished, flags=("--until", "traces")) == 0
    assert publish(unfinished) == 2
    assert "is not finished; run `tracemill build`" in capsys.readouterr().err
    shard = next((Path(copied.out) / "dataset/sft").glob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"?")
    assert publish(copied.out) == 1
    assert "damaged, and nothing was published: dataset/sft/" in capsys.readouterr().err
    assert publish(str(copied.folder / "nowhere")) == 2
    assert not hub.seen


@pytest.mark.parametrize(
    ("repository", "token", "said"),
    [
        ("me/x", None, "there is no token for the Hub; set HF_TOKEN"),
        ("me/x", "hf_nobody", "the token is not valid"),
        ("nobody/x", "", "cannot make datasets under 'nobody'; it can under: me, team"),
        ("me/x", READ_TOKEN, "the token may not write there"),
        ("x", "", "write OWNER/NAME"),
        ("me/a--b", "", "write OWNER/NAME"),
        ("me/x@v1", "", "name the branch by --revision v1"),
    ],
)
def test_what_cannot_work_is_said_with_its_fix(
    hub: HubServer,
    finished: Workplace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    repository: str,
    token: str | None,
    said: str,
) -> None:
    if token is None:
        monkeypatch.delenv("HF_TOKEN")
    elif token:
        monkeypatch.setenv("HF_TOKEN", token)
    before = Workplace(Path(finished.folder)).shards(finished.out)
    assert publish(finished.out, repository=repository) == 2
    assert said in capsys.readouterr().err
    assert not hub.heads
    assert Workplace(Path(finished.folder)).shards(finished.out) == before


def test_an_organisation_is_written_to_by_its_members(hub: HubServer, finished: Workplace) -> None:
    assert publish(finished.out, repository="team/x") == 0
    assert "team/x" in hub.repositories


def test_no_output_and_no_file_holds_the_token(
    hub: HubServer, finished: Workplace, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from hub.server import TOKEN

    assert publish(finished.out, "-v") == 0
    assert TOKEN not in "".join(capfd.readouterr())
    assert all(TOKEN.encode() not in content for content in hub.files("me/x").values())
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()


def test_offline_mode_is_said(
    hub: HubServer, finished: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert publish(finished.out) == 2
    assert "unset HF_HUB_OFFLINE" in capsys.readouterr().err


def test_a_build_on_object_storage_is_published_too(hub: HubServer, s3_url: str, workplace: Workplace) -> None:
    assert workplace.build(out=s3_url) == 0
    assert publish(s3_url) == 0
    assert any(path.startswith("sft/") for path in hub.files("me/x"))


def test_without_the_package_the_extra_is_named(
    finished: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert publish(finished.out) == 2
    assert "install tracemill[hub]" in capsys.readouterr().err


def test_files_that_a_gitignore_leaves_out_stop_it(
    hub: HubServer, finished: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    """The client would leave them out of the commit without a word."""
    hub.add("me/x", {".gitignore": b"traces/*\n"}, private=True)
    assert publish(finished.out) == 2
    assert "the .gitignore of me/x leaves out traces/part-00000-" in capsys.readouterr().err
    assert len(hub.heads) == 2


def test_a_repository_that_appears_meanwhile_with_files_is_not_written_to(
    hub: HubServer, finished: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = Trouble("POST", "/api/repos/create", first=lambda: hub.add("me/x", {"README.md": b"theirs"}, private=True))
    hub.troubles.append(theirs)
    assert publish(finished.out) == 1
    assert "made by somebody else meanwhile, with README.md" in capsys.readouterr().err
    assert hub.files("me/x")["README.md"] == b"theirs"


def test_numbers_in_a_repository_s_name_are_no_numbers_of_the_card(hub: HubServer, finished: Workplace) -> None:
    assert publish(finished.out, repository="me/open-r1-220k.v2") == 0
    assert b'load_dataset("me/open-r1-220k.v2", "sft"' in hub.files("me/open-r1-220k.v2")["README.md"]


def test_a_branch_with_a_slash_is_written_to(hub: HubServer, finished: Workplace) -> None:
    hub.repository("me/x", private=True)
    for _ in range(2):
        assert publish(finished.out, "--revision", "nightly/2026-11") == 0
    assert len(hub.heads) == 2 and "README.md" in hub.files("me/x", "nightly/2026-11")
