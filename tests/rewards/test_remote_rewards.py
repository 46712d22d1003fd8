from __future__ import annotations

import json
import logging
import pickle
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest
from cases import EVERY, NUMBER
from reward_service import RewardService
from tracemill.rewards import NotJudged, RewardServerError, compute_scores, remote, reward
from tracemill.rewards.reward_server import Bounds

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with RewardService() as running:
        yield running.url


@pytest.fixture
def scripted() -> Iterator[Callable[[list[Answer | None]], str]]:
    """A server that gives these answers in turn, the last one for ever; None drops the connection."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: list[Answer | None]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if answer is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def results(*rewards: float | None) -> Answer:
    return 200, {}, json.dumps({"results": [{"reward": one, "reason": "why"} for one in rewards]}).encode()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that were asked for, and not made."""
    pauses: list[float] = []
    monkeypatch.setattr("tracemill.rewards.remote_rewards.time.sleep", pauses.append)
    return pauses


def test_remote_rewards_are_those_of_the_library_case_50_and_51_among_them(url: str) -> None:
    rows = {
        "completions": [one.response for one in EVERY],
        "ground_truth": [one.ground_truth for one in EVERY],
        "prompts": [one.prompt for one in EVERY],
    }
    assert remote(url).reward(**rows) == reward(**rows) == [one.reward for one in EVERY]
    columns = [["x"] * len(EVERY), rows["completions"], rows["ground_truth"], [{"prompt": p} for p in rows["prompts"]]]
    expected = compute_scores(*columns, not_judged=0.5)  # type: ignore[arg-type]
    assert remote(url).compute_scores(*columns, not_judged=0.5) == expected  # type: ignore[arg-type]


def test_it_is_called_as_the_trainers_call(url: str) -> None:
    far = pickle.loads(pickle.dumps(remote(url)))
    logged: list[tuple[str, float]] = []
    chats = [[{"role": "assistant", "content": "A: 42"}], [{"role": "assistant", "content": "\\boxed{many}"}]]
    columns = [{"style": "rule", "ground_truth": NUMBER}] * 2
    found = far.reward(chats, reward_model=columns, log_metric=lambda *one: logged.append(one), trainer_state=None)
    assert (found, logged) == ([1.0, None], [("tracemill/not_judged", 0.5)])
    infos = {"prompt": np.array([{"role": "user", "content": "6 * 7?"}]), "index": np.int64(3)}
    assert far.compute_score("x", "A: 42", NUMBER, infos, reward_router_address="127.0.0.1:1") == 1.0
    assert far.compute_score("x", "A: 42", NUMBER, opened_in_prompt=True) == 0.0
    with pytest.raises(NotJudged, match=r"^mine: the final answer cannot be read"):
        far.compute_score("mine", "\\boxed{many}", NUMBER)
    with pytest.raises(ValueError, match="no column"):
        far.reward(["A: 42"])
    with pytest.raises(ValueError, match="columns of several lengths"):
        far.reward(["A: 42"] * 2, [NUMBER])
    assert far.reward([], []) == []


def test_more_items_than_a_request_holds_keep_their_order(url: str) -> None:
    answers = [f"A: {41 + n % 2}" for n in range(300)]
    assert remote(url).reward(answers, [NUMBER] * 300) == [float(n % 2) for n in range(300)]


def test_a_server_that_takes_fewer_items_at_once_gets_fewer() -> None:
    with RewardService(bounds=Bounds(in_flight=5)) as service:
        answers = [f"A: {41 + n % 2}" for n in range(20)]
        assert remote(service.url).reward(answers, [NUMBER] * 20) == [float(n % 2) for n in range(20)]


def test_an_item_that_no_server_takes_is_not_judged(
    scripted: Callable[[list[Answer | None]], str], at_once: list[float]
) -> None:
    assert remote(scripted([(413, {}, b"too large")])).reward(["A: 42"] * 3, [NUMBER] * 3) == [None] * 3


@pytest.mark.parametrize("trouble", [(429, {"Retry-After": "7"}, b""), (500, {}, b""), (503, {}, b"<html>"), None])
def test_trouble_of_the_server_is_asked_again(
    scripted: Callable[[list[Answer | None]], str], at_once: list[float], trouble: Answer | None
) -> None:
    url = scripted([trouble, trouble, results(1.0)])
    assert remote(url).reward(["A: 42"], [NUMBER]) == [1.0]
    assert len(at_once) == 2
    if trouble and trouble[0] == 429:
        assert min(at_once) >= 7


@pytest.mark.parametrize("trouble", [(429, {"Retry-After": "9999"}, b""), (502, {}, b""), None])
def test_trouble_that_lasts_is_no_wrong_answer(
    scripted: Callable[[list[Answer | None]], str], trouble: Answer | None, caplog: pytest.LogCaptureFixture
) -> None:
    far = remote(scripted([trouble]), patience=0)
    with caplog.at_level(logging.WARNING):
        assert far.reward(["A: 41"], [NUMBER]) == [None]
    assert "for 0 s" in caplog.text
    with pytest.raises(NotJudged, match="for 0 s"):
        far.compute_score("x", "A: 41", NUMBER)
    assert far.compute_score("x", "A: 41", NUMBER, not_judged=0.25) == 0.25


def test_nobody_at_the_address_is_no_wrong_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        far = remote(f"http://127.0.0.1:{taken.getsockname()[1]}", patience=0)
        assert far.reward(["A: 42"], [NUMBER]) == [None]


@pytest.mark.parametrize(
    "answer",
    [
        (401, {}, b"send a token"),
        (404, {}, b""),
        (200, {}, b"<html>"),
        (200, {}, b'{"results": 3}'),
        results(),
        results(1.0, 1.0),
        results(0.5),
        (200, {}, b'{"results": [{"reward": 1%s, "reason": ""}]}' % (b"0" * 400)),
        (200, {}, b"[" * 100_000),
    ],
)
def test_what_is_no_reward_server_ends_the_run(
    scripted: Callable[[list[Answer | None]], str], answer: Any, at_once: list[float]
) -> None:
    with pytest.raises(RewardServerError):
        remote(scripted([answer])).reward(["A: 42"], [NUMBER])
    assert not at_once


@pytest.mark.parametrize("url", ["", "127.0.0.1:8321", "ftp://127.0.0.1", "http://", "http://a:b", "http://[::1"])
def test_what_is_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a server"):
        remote(url)


def test_a_password_in_the_address_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="give the server's token as `token`") as caught:
        remote("http://trainer:never-shown@127.0.0.1:8321")
    assert "never-shown" not in str(caught.value)


def test_a_token_that_no_header_can_hold_is_refused_and_not_shown() -> None:
    for token in ("first-half\nsecond-half", "sixteen-characters-\u00e9"):
        with pytest.raises(ValueError, match="the token has characters") as caught:
            remote("http://127.0.0.1:8321", token=token)
        assert "half" not in str(caught.value) and "sixteen" not in str(caught.value)
