"""What the client says of a broker that is not the one it knew: stand-ins at the other end of the socket."""

from __future__ import annotations

import socket
from dataclasses import asdict

import pytest
from tracemill.sandbox import client
from tracemill.sandbox.broker.server import frame
from tracemill.sandbox.client import Sandbox
from tracemill.sandbox.config import SandboxConfig
from tracemill.sandbox.jobs import Ended, Job, JobRun
from tracemill.settings.errors import UsageError

JOB = Job({"main.py": b""}, ("python", "main.py"), (JobRun(),))
ENDED = asdict(Ended("exit", 0)) | {"stdout": "", "stderr": ""}


@pytest.fixture
def brokers(monkeypatch):
    """Takes what each broker says, the first, the second …; each is gone after that."""
    ours = []

    def arrange(*says: list[dict[str, object]]) -> None:
        waiting = list(says)

        def connected(_settings):
            near, far = socket.socketpair()
            far.sendall(b"".join(map(frame, waiting.pop(0))))
            far.shutdown(socket.SHUT_WR)
            ours.append(far)
            return near

        monkeypatch.setattr(client, "connected", connected)

    yield arrange
    for far in ours:
        far.close()


def hello(level: str) -> dict[str, object]:
    return {"level": level, "way": "warm", "canaries": [{"level": "L3", "title": "mount", "held": False}]}


def test_a_broker_that_follows_one_that_died_and_reaches_less_than_is_allowed_is_given_nothing(brokers):
    """The second one would run the job with rlimits only, under the level of the first."""
    brokers([hello("L3")], [hello("L0"), {"ended": ENDED}, {"done": True}])
    sandbox = Sandbox(SandboxConfig(allow="L1"))
    assert sandbox.level == "L3"
    with pytest.raises(UsageError, match=r"reaches L0 .* allows L1 or better .*mount"):
        sandbox.run(JOB)


def test_a_report_names_the_level_of_the_broker_that_ran_the_job(brokers):
    brokers([hello("L3")], [hello("L2"), {"ended": ENDED}, {"done": True}])
    sandbox = Sandbox(SandboxConfig(allow="L1"))
    assert sandbox.level == "L3"
    report = sandbox.run(JOB)
    assert (report.level, report.isolation, len(report.runs)) == ("L2", "sandbox L2", 1)
    assert sandbox.level == "L2"


def test_a_report_names_the_lower_level_of_two_brokers_that_it_rests_on(brokers):
    prepared = [hello("L2"), {"ended": ENDED}, {"done": True}]
    brokers(prepared, [hello("L3"), {"ended": ENDED}, {"done": True}])
    job = Job(JOB.files, JOB.command, JOB.runs, prepare=("true",))
    assert Sandbox(SandboxConfig(allow="L1")).run(job).level == "L2"
