from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from urllib.parse import urlsplit

import pytest
from cases import EVERY, NUMBER
from reward_service import HeldJudges, RewardService
from tracemill.cli.command_line import main
from tracemill.rewards import judge_row, remote, reward_server, row_judges
from tracemill.rewards.reward_server import Bounds
from tracemill.rewards.row_judges import RowJudges
from tracemill.settings.errors import NoJudgeError

RIGHT = {"completion": "\\boxed{42}", "ground_truth": NUMBER}


@pytest.fixture(scope="module")
def service() -> Iterator[RewardService]:
    with RewardService() as running:
        yield running


def test_the_server_gives_the_verdict_of_the_library_case_50_and_51_among_them(service: RewardService) -> None:
    rows = [one for one in EVERY if not isinstance(one.response, bytes)]
    items = [{"completion": one.response, "ground_truth": one.ground_truth, "prompt": one.prompt} for one in rows]
    found = service.results(*items)
    here = [asdict(judge_row(one.response, one.ground_truth, one.prompt)) for one in rows]
    for verdict in (*found, *here):
        if verdict["outcome"] == "unknown":
            del verdict["reason"]  # which bound it was that ended the work
    assert found == here
    assert [one["reward"] for one in found] == [one.reward for one in rows]


def test_a_row_of_rlvr_with_a_completion_is_an_item(service: RewardService) -> None:
    row = {"data_source": "x", "ability": "math", "reward_model": {"style": "rule", "ground_truth": NUMBER}}
    [right, cut] = service.results(
        {**row, "completion": "\\boxed{42}"}, {**row, "completion": "\\boxed{42}", "opened_in_prompt": True}
    )
    assert right == {
        "reward": 1.0,
        "outcome": "verified",
        "reason": "the expected answer",
        "verifier": "answer",
        "version": right["version"],
        "strength": "exact",
        "isolation": None,
    }
    assert cut["reward"] == 0.0


@pytest.mark.parametrize(
    "item", [None, 3, [], {}, {"completion": "x"}, {"completion": "x", "reward_model": 3}, {"ground_truth": NUMBER}]
)
def test_a_bad_item_has_no_reward_and_costs_its_neighbours_nothing(service: RewardService, item: object) -> None:
    found = service.results(item, RIGHT)
    assert [one["reward"] for one in found] == [None, 1.0]
    assert found[0]["outcome"] == "error" and "item" in found[0]["reason"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not JSON", 400),
        (b"[]", 400),
        (b"3", 400),
        (b'{"items": []}', 400),
        (b'{"items": 3}', 400),
        (b'{"rows": [1]}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"items": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}", 400),
        (json.dumps({"items": [RIGHT] * 257}).encode(), 413),
        (b" " * (16 * 2**20 + 1), 413),
    ],
)
def test_a_bad_request_is_refused_with_what_to_send(service: RewardService, body: bytes, status: int) -> None:
    found, _, said = service.ask("POST", "/score", body)
    assert found == status and b"send" in said
    assert service.results(RIGHT)[0]["reward"] == 1.0


def test_an_item_nested_as_deep_as_json_goes_is_bad_data_and_no_failure(service: RewardService) -> None:
    depths = range(100, 1200, 50)
    for depth in depths:
        body = json.dumps({"items": ["X", RIGHT]}).replace('"X"', "[" * depth + "]" * depth).encode()
        status, _, said = service.ask("POST", "/score", body)
        assert status == 400 or [one["reward"] for one in json.loads(said)["results"]] == [None, 1.0]
    assert service.results(RIGHT)[0]["reward"] == 1.0


def test_other_content_and_unknown_lengths_are_refused(service: RewardService) -> None:
    assert service.ask("POST", "/score", b"{}", {"Content-Type": "text/plain"})[0] == 415
    packed = gzip.compress(b'{"items": [' + b" " * 10_000_000 + b"1]}")
    assert service.ask("POST", "/score", packed, {"Content-Encoding": "gzip"})[0] == 415
    assert service.ask("GET", "/score")[0] == 405
    assert service.ask("GET", "/nothing")[0] == 404
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port)) as raw:
        raw.sendall(
            b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        assert b"411" in raw.recv(100)


def test_what_goes_wrong_over_an_item_is_that_items_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(item: object) -> object:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(row_judges, "judge_item", broken)
    [found] = row_judges.judging_items(None)([json.dumps(RIGHT)])
    assert (found.reward, found.outcome) == (None, "error")
    assert "a fault of ours" in found.reason


def test_health_and_metrics_say_what_was_done(service: RewardService) -> None:
    service.results(RIGHT)
    status, _, said = service.ask("GET", "/health")
    health = json.loads(said)
    assert status == 200 and (health["status"], health["in_flight"], health["room"]) == ("ok", 0, 1024)
    status, _, said = service.ask("GET", "/metrics")
    assert status == 200 and b'tracemill_rewards_items_total{outcome="verified"}' in said
    assert b'tracemill_rewards_requests_total{path="/score",status="200"}' in said
    assert b"nothing" not in said


def test_what_is_beyond_the_room_there_is_comes_back_with_when_to_ask_again() -> None:
    judges = HeldJudges()
    with RewardService(judges, Bounds(in_flight=3, held_bytes=10_000)) as service:
        found: list[int] = []
        first = threading.Thread(target=lambda: found.append(service.score(RIGHT, RIGHT)[0]))
        first.start()
        while json.loads(service.ask("GET", "/health")[2])["in_flight"] < 2:
            pass
        status, headers, _ = service.score(RIGHT, RIGHT)
        assert (status, headers["Retry-After"]) == (429, "1")
        # Bytes are bounded too, before they are read.
        assert service.ask("POST", "/score", b" " * 9_950)[0] == 429
        assert service.score(*[RIGHT] * 4)[0] == 413
        judges.release.set()
        first.join()
        assert found == [200]
        assert service.score(RIGHT, RIGHT)[0] == 200


def test_a_body_that_does_not_arrive_gives_its_room_back() -> None:
    with RewardService(HeldJudges(), Bounds(read_seconds=0.2)) as service:
        address = urlsplit(service.url)
        with socket.create_connection((address.hostname, address.port)) as raw:
            raw.sendall(
                b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            assert b"408" in raw.recv(100)
        assert service.server._held == 0


@contextmanager
def ending_with_an_item_in_flight() -> Iterator[tuple[RewardService, HeldJudges, list[int]]]:
    """A service that has been asked to end, and listens no more; the list gets the status of the item's request, or 0
    where that has no answer."""
    judges, found = HeldJudges(), list[int]()

    def ask(service: RewardService) -> None:
        try:
            found.append(service.score(RIGHT)[0])
        except (OSError, http.client.HTTPException):
            found.append(0)

    with RewardService(judges) as service:
        asking = threading.Thread(target=ask, args=(service,))
        asking.start()
        while json.loads(service.ask("GET", "/health")[2])["in_flight"] < 1:
            pass
        service.end()
        while service.listens():
            pass
        yield service, judges, found
        asking.join()


def test_what_is_in_flight_when_it_ends_is_answered() -> None:
    with ending_with_an_item_in_flight() as (service, judges, found):
        # So long that a server that waits for nothing, or but shortly, would have hung up.
        service._thread.join(0.5)
        assert not found
        judges.release.set()
    assert (found, service.server.cut_off) == ([200], 0)


def test_an_end_does_not_wait_for_ever_and_says_what_it_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reward_server, "END_SECONDS", 0.1)
    with ending_with_an_item_in_flight() as (service, _, found):
        service._thread.join(20)
        assert not service._thread.is_alive()
    assert (found, service.server.cut_off) == ([0], 1)


def test_a_token_is_asked_for() -> None:
    with RewardService(token="correct horse battery") as service:
        assert service.score(RIGHT)[0] == 401
        assert service.score(RIGHT, Authorization="Bearer wrong")[0] == 401
        assert service.score(RIGHT, Authorization="Bearer correct horse battery")[0] == 200
        assert service.ask("GET", "/metrics")[0] == 401
        assert service.ask("GET", "/health")[0] == 200
        # As a file gives it.
        assert remote(service.url, token="correct horse battery\n").reward(["\\boxed{42}"], [NUMBER]) == [1.0]


def test_a_process_that_dies_over_an_item_leaves_it_without_a_reward_and_the_others_have_theirs() -> None:
    with RewardService(RowJudges(1, 60, "dying_judges:judging_items")) as service:
        found = service.results(RIGHT, {**RIGHT, "completion": "die"}, RIGHT)
    assert [one["reward"] for one in found] == [1.0, None, 1.0]
    assert (found[1]["outcome"], found[1]["reason"]) == ("error", "the process that judged died (exit status 7)")


def test_where_nothing_can_judge_the_service_fails_for_all_to_see() -> None:
    class Unable(RowJudges):
        def open(self) -> None:
            return None

        async def do(self, work: str, size: int) -> object:  # type: ignore[override]
            raise NoJudgeError("no process can be started")

    service = RewardService(Unable(1, 1))
    with service:
        assert service.score(RIGHT)[0] == 503
        service._thread.join(30)
    assert isinstance(service.failure, NoJudgeError)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "can be reached from other machines"),
        (["--host", "example.org"], "can be reached from other machines"),
        (["--host", "::"], "can be reached from other machines"),
        (["--token-env", "TRACEMILL_NO_SUCH"], "holds 0 characters"),
        (["--token-env", "TRACEMILL_ODD_TOKEN"], "holds characters other than printable ASCII"),
        (["--host", "127.0.0.1", "--port", "99999"], "cannot be served at 127.0.0.1:99999"),
    ],
)
def test_a_service_that_would_be_open_to_others_does_not_start(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEMILL_ODD_TOKEN", "sixteen-characters-\u00e9")
    assert main(["serve-rewards", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_asked_to_end(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tracemill", "serve-rewards", "--port", "0", "--processes", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    url = process.stdout.readline().rpartition(" ")[2].strip()
    assert remote(url).reward(["\\boxed{42}", "\\boxed{41}"], [NUMBER] * 2) == [1.0, 0.0]
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert "what was in flight was answered" in error
