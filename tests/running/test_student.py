"""A model's pass rate on a build's problems, from a server on loopback; nothing is asked twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from servers.chat_server import ChatServer, Said
from students import HARD, asked, estimate, folder, is_check, solving
from tracemill.cli.command_line import main
from tracemill.store.run import Run
from workplace import Workplace


class StopHereError(BaseException):
    pass


@pytest.fixture
def built(finished: Workplace, workplace: Workplace) -> Workplace:
    shutil.copytree(finished.out, workplace.out)
    return workplace


def test_pass_rates_are_measured_by_task_and_difficulty_and_kept_as_rows(built: Workplace, capsys) -> None:
    with ChatServer(solving(built.out)) as server:
        assert estimate(built, server.url, "--n", "4", "--json") == 0
        assert len(asked(server)) == 24 * 4
    found = json.loads(capsys.readouterr().out)
    assert found["model"] == "tiny"
    assert (found["every"]["problems"], found["every"]["samples"], found["every"]["verified"]) == (24, 96, 24)
    assert (found["every"]["never"], found["every"]["sometimes"], found["every"]["always"]) == (12, 12, 0)
    tasks = {one["task"] for one in found["by_band"]}
    assert tasks == {"math.algebra.linear_system", "planning.classical.blocks_world"}
    for one in found["by_band"]:
        assert one["rate"] == (0 if one["task"].startswith(HARD) else 0.5)
        assert one["low"] <= one["rate"] <= one["high"] and one["band"][1] - one["band"][0] == 0.25
    rows = pl.concat([pl.DataFrame(pq.read_table(path)) for path in folder(built).glob("parts/estimates/*")])
    assert rows.height == 24 and set(rows["model"]) == {"tiny"} and set(rows["n"]) == {4} and set(rows["k"]) == {0, 2}


def test_what_was_asked_is_not_asked_again_and_more_adds_to_it(built: Workplace) -> None:
    with ChatServer(solving(built.out)) as server:
        assert estimate(built, server.url, "--n", "2", "--problems", "5") == 0
        assert len(asked(server)) == 10
        assert estimate(built, server.url, "--n", "2", "--problems", "5") == 0
        assert len(asked(server)) == 10
        assert estimate(built, server.url, "--n", "4", "--problems", "7") == 0
        assert len(asked(server)) == 28
        assert len({str(body) for body in asked(server)}) == 28
    assert len(list((Path(built.out) / "estimates").iterdir())) == 1


def test_fewer_samples_than_there_are_ask_nothing_and_all_of_them_count(built: Workplace, capsys) -> None:
    with ChatServer(solving(built.out)) as server:
        assert estimate(built, server.url, "--n", "4", "--problems", "5") == 0
        assert len(asked(server)) == 20
        capsys.readouterr()
        assert estimate(built, server.url, "--n", "1", "--problems", "5", "--json") == 0
        assert json.loads(capsys.readouterr().out)["every"]["samples"] == 20
        assert len(asked(server)) == 20
        # A new problem gets no more than is asked for now, and the rest when that is asked for again.
        assert estimate(built, server.url, "--n", "2", "--problems", "7") == 0
        assert len(asked(server)) == 24
        assert estimate(built, server.url, "--n", "4", "--problems", "7") == 0
        assert len({str(body) for body in asked(server)}) == len(asked(server)) == 28


def test_another_strategy_is_refused_though_fewer_samples_are_not(built: Workplace, capsys) -> None:
    with ChatServer(solving(built.out)) as server:
        assert estimate(built, server.url, "--n", "2", "--problems", "2") == 0
        shown = ("--set", "strategy.prompt.examples=word_problems")
        assert estimate(built, server.url, "--n", "1", "--problems", "2", *shown) == 2
        assert "was built from other traces: traces.strategy.prompt" in capsys.readouterr().err
        assert len(asked(server)) == 4


def test_failed_calls_are_made_again_by_the_next_run(built: Workplace, capsys) -> None:
    right = solving(built.out, every=1)

    def failing(body, count):
        return Said(status=400) if not is_check(body) and count <= 4 else right(body, count)

    with ChatServer(failing) as server:
        assert estimate(built, server.url, "--n", "1", "--problems", "4") == 1
        assert "no sample was decided" in capsys.readouterr().out
        assert estimate(built, server.url, "--n", "1", "--problems", "4") == 0
    assert "all " in capsys.readouterr().out


def test_a_measurement_that_died_goes_on_and_asks_nothing_twice(built: Workplace, monkeypatch) -> None:
    """It dies when the last call is journaled and nothing is committed, and then in the middle of the calls."""
    commit = Run.commit

    def dying(self, phase, *arguments, **more):
        if phase == "traces":
            raise StopHereError
        return commit(self, phase, *arguments, **more)

    right = solving(built.out)

    refused: list[str] = []

    def dying_after_ten(body, count):
        # The check comes first.
        if count <= 10:
            return right(body, count)
        refused.append(str(body))
        return Said(status=401)

    with ChatServer(dying_after_ten) as server:
        assert estimate(built, server.url, "--n", "2", "--set", "asking.in_flight=1") == 1
        assert len(asked(server)) == 10 + len(refused)
        server.script = right
        monkeypatch.setattr(Run, "commit", dying)
        with pytest.raises(StopHereError):
            estimate(built, server.url, "--n", "2")
        monkeypatch.setattr(Run, "commit", commit)
        assert estimate(built, server.url, "--n", "2") == 0
        bodies = [str(body) for body in asked(server)]
        assert len(set(bodies)) == 48 and len(bodies) == 48 + len(refused)


def test_the_build_beside_it_stays_finished_and_whole(built: Workplace, capsys) -> None:
    before = built.shards()
    with ChatServer(solving(built.out)) as server:
        assert estimate(built, server.url, "--n", "1") == 0
    assert main(["status", built.out]) == 0 and built.shards() == before
    assert built.build() == 0 and "nothing to do" in capsys.readouterr().out


def test_how_it_is_asked_is_set_and_another_way_is_another_measurement(built: Workplace) -> None:
    with ChatServer(solving(built.out)) as server:
        assert estimate(built, server.url, "--n", "1", "--problems", "2") == 0
        warm = ("--set", "teacher.sampling.temperature=0.7", "--set", "asking.in_flight=1")
        assert estimate(built, server.url, "--n", "1", "--problems", "2", *warm) == 0
        assert [body.get("temperature") for body in asked(server)] == [None, None, 0.7, 0.7]
        assert server.most <= 2
    assert len(list((Path(built.out) / "estimates").iterdir())) == 2


@pytest.mark.parametrize(
    ("models", "said"),
    [(("a", "b"), "has 2 models; name one of: a, b"), ((), "has 0 models"), (None, "does not say which models it has")],
)
def test_a_server_with_several_models_is_asked_which(built: Workplace, capsys, models, said) -> None:
    with ChatServer(Said("42"), models=models) as server:
        assert estimate(built, server.url) == 2
        assert said in capsys.readouterr().err
        assert estimate(built, server.url, "--name", "b", "--n", "1", "--problems", "1") == 0
        assert asked(server)[0]["model"] == "b"


def test_what_is_no_build_is_refused(workplace: Workplace, capsys) -> None:
    assert main(["estimate", workplace.out, "--model", "http://127.0.0.1:9/v1", "--name", "x"]) == 2
    assert "no build with problems" in capsys.readouterr().err
    assert not Path(workplace.out).exists()
