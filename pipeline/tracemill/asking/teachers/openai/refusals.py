"""What a status other than 200 means: the end of the run, another try, or a row that says why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from yarl import URL

from tracemill.asking.teachers.openai.api_key import Key, without
from tracemill.asking.teachers.openai.bad_reply import BadReplyError, ServerTroubleError
from tracemill.asking.teachers.openai.retrying import ASKED_SECONDS, retry_after
from tracemill.settings.errors import UnusableTeacherError

BUSY = frozenset({408, 409, 425, 429})
_NO_KEY = re.compile(r"api[ _-]key", re.IGNORECASE)
_UNPAID = re.compile(r"insufficient_quota|insufficient (?:balance|funds|credits?)|billing", re.IGNORECASE)


def refusal(status: int, url: str, text: str, key: Key | None, headers: Mapping[str, str]) -> Exception:
    """The exception for an answer with this status. `text`: what it says."""
    said = f"{shown_url(url)} answered {status}: {message_in(text, key)}"
    if fix := _fix(status, text, key.env if key else None, headers):
        return UnusableTeacherError(f"{said}. {fix}")
    if status not in BUSY and status < 500:
        return BadReplyError(said)
    asked = retry_after(headers.get("Retry-After"))
    if asked is not None and asked > ASKED_SECONDS:
        said += f" (it asks to wait {asked:,.0f} s; at most {ASKED_SECONDS:.0f} s are waited)"
    wait = None if asked is None else min(asked, ASKED_SECONDS)
    return ServerTroubleError(said, busy=status in (*BUSY, 503, 529), wait=wait)


def _fix(status: int, text: str, key_env: str | None, headers: Mapping[str, str]) -> str | None:
    """What a user must do where every other request would be refused as well."""
    if status == 402 or (status == 429 and _UNPAID.search(text)):
        return "The account has nothing left to pay with"
    if 300 <= status < 400:
        place = shown_url(headers.get("Location", "")) or "another place"
        return f"It points to {place}, and no key is sent there: write that in `teacher.urls`"
    key = f"Correct the key in the environment variable {key_env}"
    if key_env is None:
        key = "No key was sent: name the environment variable that holds it, as in `api_key_env: OPENAI_API_KEY`"
    if status == 400 and _NO_KEY.search(text):
        return key  # Google's API says so
    return {
        401: key,
        403: f"{key}; or ask for access to the model",
        404: "Correct `teacher.model`, or `teacher.urls` (most end in /v1)",
    }.get(status)


def message_in(text: str, key: Key | None = None) -> str:
    """What an error says, of whatever form it is, on one line, without the key and without halves of characters, which
    no file can hold."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    while isinstance(found, dict):
        found = next((found[name] for name in ("error", "message", "detail") if found.get(name)), None)
    said = found if isinstance(found, str) else text
    said = without(key, said).encode("utf-8", "backslashreplace").decode()
    return " ".join(said.split())[:300] or "nothing more"


def shown_url(url: str) -> str:
    """An address without what may be a secret in it: user, password, query."""
    try:
        return str(URL(url).with_user(None).with_query(None).with_fragment(None))
    except ValueError:
        return url.partition("?")[0]
