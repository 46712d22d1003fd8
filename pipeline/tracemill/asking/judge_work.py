"""What a process does that judges: it takes batches of work, such as traces for its verifiers, until nobody sends any.

Imports little, for many such processes start at once. Frames are a length and a pickle: both ends are ours, and of one
version.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO, NoReturn, TypeAlias

from tracemill.records import Payload, Problem, Trace, Verdict
from tracemill.settings.errors import NoJudgeError, TracemillError
from tracemill.settings.failures import classified, naming_plugins
from tracemill.verifiers.verifier import JudgeCase, Verifier, judged_many, make_verifier

LENGTH = struct.Struct(">Q")

JudgeWork: TypeAlias = tuple[Problem, Trace]
TraceVerdicts: TypeAlias = tuple[Verdict, ...]
Named: TypeAlias = tuple[tuple[str, Payload], ...]
"""Verifiers by name, with the parameters they are made with."""


def make_verifiers(named: Iterable[tuple[str, Payload]]) -> list[Verifier]:
    """Raises: NoJudgeError, PluginError: one of them cannot be made."""
    made = []
    for name, parameters in named:
        try:
            made.append(make_verifier(name, parameters))
        except BaseException as exc:
            failure = classified("verifier", name, exc)
            raise NoJudgeError(f"the verifier {name!r} cannot be made: {failure.reason}") from exc
    return made


def judge_all(verifiers: Sequence[Verifier], work: Sequence[JudgeWork]) -> list[TraceVerdicts]:
    """Raises: PluginError: a verifier has a bug."""
    cases = [JudgeCase(problem, trace) for problem, trace in work]
    with naming_plugins():
        by_verifier = [judged_many(verifier, cases) for verifier in verifiers]
    return [tuple(verdicts[place] for verdicts in by_verifier) for place in range(len(cases))]


def judging(named: Named) -> Callable[[Sequence[JudgeWork]], list[TraceVerdicts]]:
    """What `serve` needs to judge traces."""
    return partial(judge_all, make_verifiers(named))


def frame(message: object) -> bytes:
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(data)) + data


def serve() -> None:
    """The child: gets ready, then answers each batch, until nobody can send any more.

    First come its path, the `module:function` that makes it ready, and what that is given; the function returns the
    one that answers a batch.
    """
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a verifier prints or reads must not reach the protocol.
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    threading.Thread(target=_end_with_parent, args=(requests.fileno(),), daemon=True).start()
    sys.path[:], place, given = _receive(requests)
    module, _, name = place.partition(":")
    try:
        answer = getattr(import_module(module), name)(given)
    except TracemillError as exc:
        _send(replies, exc)
        return
    _send(replies, None)
    while True:
        work = _receive(requests)
        try:
            reply: object = answer(work)
        except TracemillError as exc:
            reply = exc
        except Exception as exc:  # noqa: BLE001  not every exception can be pickled
            reply = NoJudgeError(f"judging failed: {type(exc).__name__}: {exc}")
        _send(replies, reply)


def _send(replies: BinaryIO, message: object) -> None:
    replies.write(frame(message))
    replies.flush()


def _receive(requests: BinaryIO) -> Any:
    header = requests.read(LENGTH.size)
    while len(header) < LENGTH.size:
        signal.pause()  # the parent is gone: the thread that waits for that ends this process
    return pickle.loads(requests.read(LENGTH.unpack(header)[0]))


def _end_with_parent(requests: int) -> NoReturn:
    """Also in the middle of a long computation. Processes that verifiers started end with this one in the same way."""
    poll = select.poll()
    poll.register(requests, 0)
    poll.poll()
    os._exit(0)
