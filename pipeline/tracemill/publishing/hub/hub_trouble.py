"""What the Hub refuses or fails to do: what is tried again, after how long, and what is said of the rest.

Addresses in messages lose what stands behind their `?`: uploads go to addresses that are signed there, and whoever has
such a signature may write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tracemill.asking.teachers.openai.retrying import pause_after, retry_after
from tracemill.settings.errors import TracemillError, UsageError

LONGEST_WAIT = 3_600.0
"""Seconds. A Hub that asks for more is not waited for."""
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_QUERY = re.compile(r"(https?://[^\s?'\"<>]+)\?[^\s'\"<>]*")
_TOKENS = "https://huggingface.co/settings/tokens"


class MovedOnError(TracemillError):
    """Somebody else's commit came first: the branch's head is not the one that the changes were made for."""


def cause_of(exc: BaseException) -> BaseException:
    """The failure itself, which the client hides behind one of its own: where it uploads in threads, and where it would
    have taken a file that it has."""
    while type(exc).__name__ in ("RuntimeError", "LocalEntryNotFoundError") and exc.__cause__ is not None:
        exc = exc.__cause__
    return exc


def status_of(exc: BaseException) -> int | None:
    """The status of the answer that a failure is about; None where there was no answer."""
    return getattr(getattr(cause_of(exc), "response", None), "status_code", None)


def is_of_the_network(exc: BaseException) -> bool:
    """Whether the connection failed: what was asked for may have been done."""
    from huggingface_hub.errors import OfflineModeIsEnabled
    from huggingface_hub.utils import httpx

    if isinstance(cause_of(exc), OfflineModeIsEnabled):
        return False
    return isinstance(cause_of(exc), httpx.TransportError | ConnectionError | TimeoutError)


def seconds_to_wait(exc: BaseException, failures: int) -> float | None:
    """How long to wait before it is tried again, after so many failures; None: it would fail again. What the server
    asks for (`Retry-After`, `RateLimit`) counts; without that, twice as long each time."""
    status = status_of(exc)
    if status is None:
        return pause_after(failures - 1) if is_of_the_network(exc) else None
    if status not in _AGAIN:
        return None
    asked = _asked_for(cause_of(exc))
    if asked is None:
        return pause_after(failures - 1)
    return asked if asked <= LONGEST_WAIT else None


def _asked_for(exc: Any) -> float | None:
    from huggingface_hub.utils import parse_ratelimit_headers

    headers = exc.response.headers
    limit = parse_ratelimit_headers(headers)
    if exc.response.status_code == 429 and limit is not None and limit.remaining == 0:
        return float(limit.reset_in_seconds) + 1  # they are whole seconds
    header: str | None = headers.get("Retry-After")
    return retry_after(header)


def without_queries(text: str) -> str:
    """The text, its addresses less what stands behind their `?`."""
    return _QUERY.sub(r"\1", text)


def error_of(exc: Exception, what: str, repository: str) -> TracemillError:
    """What a user is told: `what` was tried (`upload to`), why it failed, and what to do."""
    status, said = status_of(exc), _in_one_line(cause_of(exc))
    kinds = {kind.__name__ for kind in type(cause_of(exc)).__mro__}
    if fix := _fix_of(status, kinds):
        return UsageError(f"cannot {what} {repository} on the Hub: {said}; {fix}")
    if status == 412:
        return MovedOnError(f"cannot {what} {repository} on the Hub: {said}")
    return TracemillError(
        f"cannot {what} {repository} on the Hub: {said}; run the same command again: what has been uploaded is kept "
        "there"
    )


def _fix_of(status: int | None, kinds: set[str]) -> str:
    """What a user must change before it can work; empty where trying again may help."""
    fixes = {
        "OfflineModeIsEnabled": "unset HF_HUB_OFFLINE",
        "GatedRepoError": "ask for access on its page, and give the token of who has it in HF_TOKEN",
        "RevisionNotFoundError": "name a branch, a tag or a commit that it has",
        "LocalTokenNotFoundError": NO_TOKEN,
        "RepositoryNotFoundError": "see that the name is right, and that the token may see it if it is private",
        "HFValidationError": "give it another name",
    }
    for kind, fix in fixes.items():
        if kind in kinds:
            return fix
    by_status = {
        401: f"the token is not valid (any more): make one at {_TOKENS} and set HF_TOKEN",
        402: "the account has no room or no plan for this: see its billing settings",
        403: f"the token may not write there: make one with write access to it at {_TOKENS} and set HF_TOKEN, or "
        "have its owner give you the role",
    }
    return by_status.get(status or 0, "")


NO_TOKEN = f"set HF_TOKEN to a token with write access ({_TOKENS}), or log in with `hf auth login`"


def _in_one_line(exc: BaseException) -> str:
    """What the Hub says itself where it says something, else the exception's text; at most 500 characters."""
    said = getattr(exc, "server_message", None) or str(exc) or type(exc).__name__
    text = " ".join(line for line in _lines(without_queries(str(said))))
    status = status_of(exc)
    return (f"{status}: " if status else "") + (text[:500] or type(exc).__name__)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if stripped := line.strip():
            yield stripped
