"""A Hub that misbehaves (cases 59 and 60): readers see the old revision or the new one, and there is one commit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest
from hub.client import ask, environment_of, record_waits
from hub.server import TOKEN, HubServer, Trouble
from tracemill.cli.command_line import main
from workplace import CONFIG, Workplace

COMMIT = "/commit/main"


def publish(out: str, *flags: str) -> int:
    return main(["publish", out, "me/x", *flags])


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return record_waits(monkeypatch)


@pytest.fixture
def hub(hub: HubServer) -> HubServer:
    """With an empty repository, so that every commit after the first is ours."""
    hub.repository("me/x", private=True)
    return hub


def ours(hub: HubServer) -> int:
    return len(hub.heads) - 1


def test_rights_that_are_missing_end_it_at_once(
    hub: HubServer, finished: Workplace, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("POST", "/preupload/", times=99, status=403, message="no write access"))
    assert publish(finished.out) == 2
    said = capsys.readouterr().err
    assert "403: no write access" in said and "make one with write access" in said
    assert len(hub.asked("POST", "/preupload/")) == 1 and not waits and not ours(hub)


def test_a_commit_without_the_right_to_it_is_asked_for_once(
    hub: HubServer, finished: Workplace, waits: list[float]
) -> None:
    hub.troubles.append(Trouble("POST", COMMIT, times=99, status=403))
    assert publish(finished.out) == 2
    assert len(hub.asked("POST", COMMIT)) == 1 and not waits and not ours(hub)


def test_a_busy_hub_is_waited_for_as_long_as_it_says(
    hub: HubServer, finished: Workplace, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles += [
        Trouble("GET", "/revision/main", status=429, headers={"Retry-After": "17"}),
        Trouble("POST", "/lfs/objects/batch", status=429, headers={"RateLimit": '"api";r=0;t=55'}),
        Trouble("POST", COMMIT, status=429, headers={"RateLimit": '"api";r=0;t=23'}),
        Trouble("POST", "/tag/", status=503, headers={"Retry-After": "5"}),
    ]
    assert publish(finished.out) == 0
    assert waits == [17, 56, 24, 5]
    assert "trying again in 24 s" in capsys.readouterr().err
    assert ours(hub) == 1


def test_a_hub_that_stays_busy_is_left_in_the_end(
    hub: HubServer, finished: Workplace, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("POST", COMMIT, times=99, status=500, message="internal"))
    assert publish(finished.out) == 1
    assert waits == [1, 2, 4, 8, 16] and not ours(hub)
    assert "run the same command again: what has been uploaded is kept there" in capsys.readouterr().err
    hub.troubles.clear()
    sent = len(hub.asked("PUT", "/lfs/put"))
    assert publish(finished.out) == 0
    assert len(hub.asked("PUT", "/lfs/put")) == sent and ours(hub) == 1


def test_a_wait_of_more_than_an_hour_is_not_waited(hub: HubServer, finished: Workplace, waits: list[float]) -> None:
    hub.troubles.append(Trouble("POST", COMMIT, status=429, headers={"Retry-After": "86400"}))
    assert publish(finished.out) == 1 and not waits


def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    hub: HubServer, finished: Workplace, waits: list[float]
) -> None:
    hub.troubles.append(Trouble("POST", COMMIT, lost=True))
    assert publish(finished.out) == 0
    assert ours(hub) == 1 and len(hub.asked("POST", COMMIT)) == 1 and not waits
    assert list(hub.repositories["me/x"].tags.values()) == [hub.repositories["me/x"].head.oid]


def test_a_lost_commit_is_known_by_its_content_also_below_another_one(hub: HubServer, finished: Workplace) -> None:
    """Somebody adds a file right after ours, before the history is looked at."""
    after = Trouble("GET", "/commits/main", first=lambda: hub.add("me/x", {"notes.md": b"mine"}, "Notes"))
    hub.troubles += [Trouble("POST", COMMIT, lost=True), after]
    assert publish(finished.out) == 0
    titles = [one.title for one in hub.repositories["me/x"].history()]
    assert [title.split(" (")[0] for title in titles] == ["Notes", "Build small", "initial commit"]


def test_a_commit_that_never_arrived_is_made_by_the_next_try(
    hub: HubServer, finished: Workplace, waits: list[float]
) -> None:
    hub.troubles.append(Trouble("POST", COMMIT, cut=10))
    assert publish(finished.out) == 0
    assert ours(hub) == 1 and waits == [1]


def test_a_head_that_moves_while_it_is_uploaded_stops_it(
    hub: HubServer, finished: Workplace, waits: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("POST", "/objects/batch", first=lambda: hub.add("me/x", {"theirs.md": b"x"}, "Theirs")))
    assert publish(finished.out) == 1
    said = capsys.readouterr().err
    assert "has moved on since it was looked at" in said and "'Theirs'" in said
    assert hub.files("me/x").keys() == {".gitattributes", "theirs.md"}
    sent = len(hub.asked("PUT", "/lfs/put"))
    assert publish(finished.out, "--replace") == 0
    assert len(hub.asked("PUT", "/lfs/put")) == sent
    assert hub.files("me/x")["theirs.md"] == b"x"


def test_connections_cut_in_the_middle_of_uploads_are_made_again(
    hub: HubServer, finished: Workplace, waits: list[float]
) -> None:
    hub.troubles += [
        Trouble("PUT", "/lfs/put", times=3, cut=100),
        Trouble("PUT", "/lfs/put", skip=5, times=2, status=500),
    ]
    assert publish(finished.out) == 0
    assert ours(hub) == 1 and len(waits) == 5


def test_a_file_in_parts_is_whole(hub: HubServer, finished: Workplace, waits: list[float]) -> None:
    hub.part = 5000
    hub.troubles.append(Trouble("PUT", "/lfs/put", skip=2, cut=1000))
    assert publish(finished.out) == 0
    dataset = Path(finished.out) / "dataset"
    for path in dataset.rglob("*.parquet"):
        assert hub.files("me/x")[path.relative_to(dataset).as_posix()] == path.read_bytes()


def test_signed_addresses_are_not_shown(
    hub: HubServer, finished: Workplace, waits: list[float], capfd: pytest.CaptureFixture[str]
) -> None:
    hub.troubles.append(Trouble("PUT", "/lfs/put", times=10**6, status=500))
    assert publish(finished.out, "-v") == 1
    said = "".join(capfd.readouterr())
    assert "500" in said and "secret-of-storage" not in said and TOKEN not in said


def test_a_slow_hub_is_no_trouble(hub: HubServer, finished: Workplace) -> None:
    hub.troubles += [Trouble("POST", COMMIT, pause=0.3), Trouble("PUT", "/lfs/put", times=3, pause=0.1)]
    assert publish(finished.out) == 0 and ours(hub) == 1


def test_two_that_publish_at_once_cannot_undo_each_other(
    hub: HubServer, finished: Workplace, workplace: Workplace, tmp_path: Path
) -> None:
    """The second one's commit is asked for while the first one's is held back: one of them is told to run again."""
    shutil.copytree(finished.out, workplace.out)
    assert workplace.build("views=[sft]") == 0
    told = threading.Event()
    hub.troubles.append(Trouble("POST", COMMIT, first=lambda: told.wait(60)))
    command = [sys.executable, "-m", "tracemill", "publish", finished.out, "me/x"]
    environment = environment_of(hub, tmp_path)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as first:
        while not hub.troubles[0].met and first.poll() is None:
            threading.Event().wait(0.05)
        assert publish(workplace.out) == 0
        told.set()
        _, said = first.communicate(timeout=120)
    assert first.returncode == 1 and "has moved on" in said
    assert ours(hub) == 1 and not any(path.startswith("process/") for path in hub.files("me/x"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A build of more than 200 shards."""
    place = Workplace(tmp_path_factory.mktemp("many"))
    place.config({**CONFIG, "shards": {"rows": 1}})
    assert place.build() == 0
    assert len(place.shards()) >= 200
    return place


@pytest.mark.parametrize(
    "uploads",
    [
        pytest.param((0, 20), id="four times"),
        pytest.param((0, 1, 5, 20, 40, 9, 30, 15), id="ten times", marks=pytest.mark.soak),
    ],
)
def test_an_upload_of_200_shards_that_is_killed_is_one_commit(
    hub: HubServer, many: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uploads: tuple[int, ...]
) -> None:
    """Each time at another file, the last times at the commit: before it is made, and after."""
    home = tmp_path / "killed"
    command = [sys.executable, "-m", "tracemill", "publish", many.out, "me/x", "-q"]
    count = len({path.read_bytes() for path in Path(many.out).glob("dataset/**/*.parquet")})
    running: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        os.kill(running[-1].pid, signal.SIGKILL)

    # Those that were killed had up to five uploads under way, which may or may not have arrived.
    plans = [Trouble("PUT", "/lfs/put", skip=skip, first=kill, cut=0) for skip in uploads]
    plans += [Trouble("POST", COMMIT, first=kill, cut=0), Trouble("POST", COMMIT, last=kill, lost=True)]
    for number, plan in enumerate(plans):
        hub.troubles[:] = [plan]
        with subprocess.Popen(command, env=environment_of(hub, home)) as process:
            running.append(process)
            assert process.wait(timeout=120) == -signal.SIGKILL, f"the try {number} was not killed"
        assert listed(hub) == {".gitattributes"} or number == len(plans) - 1
    hub.troubles.clear()
    ask(hub, monkeypatch, home)
    assert publish(many.out) == 0
    assert ours(hub) == 1
    assert len(hub.asked("PUT", "/lfs/put")) < 2 * count
    assert listed(hub) >= set(many.shards())


def listed(hub: HubServer) -> set[str]:
    """What a reader sees at this moment."""
    request = urllib.request.Request(
        f"{hub.endpoint}/api/datasets/me/x/tree/main?recursive=True", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        return {entry["path"] for entry in json.load(answer) if entry["type"] == "file"}
