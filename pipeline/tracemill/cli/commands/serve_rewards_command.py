"""`tracemill serve-rewards`: rewards over HTTP, for trainers that run elsewhere than the verifiers."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tracemill.cli.command import Command, add_json, positive
from tracemill.cli.output import note, show, show_json_line

if TYPE_CHECKING:
    from tracemill.rewards.reward_server import Bounds

_LEAST_TOKEN = 16


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="to listen at (default: 127.0.0.1); beyond this machine with a token only"
    )
    parser.add_argument("--port", type=int, default=8321, help="default: 8321; 0: any that is free, and says which")
    parser.add_argument("--token-env", metavar="NAME", help="variable with the token that clients must send")
    parser.add_argument(
        "--in-flight", type=positive, default=1024, metavar="N", help="items at a time; more get 429 (default: 1024)"
    )
    parser.add_argument("--processes", type=positive, metavar="N", help="to judge in (default: one for each CPU)")
    add_json(parser, "the address as a line of JSON, `url`, once it serves")


def _run(arguments: Namespace) -> int:
    import asyncio

    from tracemill.rewards.reward_server import Bounds
    from tracemill.settings.errors import UsageError

    token = _token(arguments.token_env)
    if token is None and not _loopback(arguments.host):
        raise UsageError(
            f"{arguments.host} can be reached from other machines; name a variable with a token by --token-env, or "
            "leave out --host"
        )
    processes = arguments.processes or len(os.sched_getaffinity(0))
    bounds = Bounds(in_flight=arguments.in_flight)
    try:
        cut_off = asyncio.run(_serve(arguments, bounds, token, processes))
    except (OSError, OverflowError) as exc:
        raise UsageError(f"rewards cannot be served at {arguments.host}:{arguments.port} ({exc})") from exc
    if not arguments.quiet:
        note(f"ended; {cut_off:,} items took too long" if cut_off else "ended; what was in flight was answered")
    return 0


async def _serve(arguments: Namespace, bounds: Bounds, token: str | None, processes: int) -> int:
    """The items that were in flight at the end and were not answered."""
    import asyncio
    import signal

    from tracemill.asking.asking_config import JudgingConfig
    from tracemill.rewards.reward_server import RewardServer
    from tracemill.rewards.row_judges import RowJudges

    server = RewardServer(RowJudges(processes, JudgingConfig().stuck_seconds), bounds, token)
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)

    def end() -> None:
        server.end()
        for number in signals:
            loop.remove_signal_handler(number)  # a second one ends this at once

    for number in signals:
        loop.add_signal_handler(number, end)

    def ready(address: str) -> None:
        if arguments.json:
            show_json_line({"url": address})
        else:
            show(f"serving rewards at {address}")

    await server.serve(arguments.host, arguments.port, ready)
    return server.cut_off


def _token(variable: str | None) -> str | None:
    """Raises: UsageError: it is empty, easily guessed, or cannot be sent."""
    from tracemill.rewards.remote_rewards import sendable
    from tracemill.settings.errors import UsageError

    if variable is None:
        return None
    token = os.environ.get(variable, "").strip()
    if len(token) < _LEAST_TOKEN:
        raise UsageError(f"the variable {variable} holds {len(token)} characters; a token has {_LEAST_TOKEN} or more")
    if not sendable(token):
        raise UsageError(f"the variable {variable} holds characters other than printable ASCII; choose another token")
    return token


def _loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


COMMAND = Command(
    "score responses over HTTP, with back-pressure, for trainers that run elsewhere",
    "tracemill serve-rewards --port 8321 --in-flight 256",
    _add_arguments,
    _run,
)
