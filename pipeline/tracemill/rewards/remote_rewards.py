"""The client of `tracemill serve-rewards`: the reward functions of this package, judged elsewhere.

A busy or broken server and lost connections are asked again for `patience` seconds. What was not answered by then is
not judged: None for TRL, else `NotJudged`. Where it refuses all that it is sent (for a wrong token), or something else
answers at its address, `RewardServerError` is raised.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tracemill.asking.teachers.openai.retrying import pause_after, retry_after, spread
from tracemill.rewards.scoring import NotJudged, prompt_in, same_length, truths_of

BATCH_ITEMS = 64
BATCH_BYTES = 4 << 20
"""Of a request: one ends with the item that reaches either bound."""
CONNECTIONS = 8
"""Requests at a time, for each call."""
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_TOO_LARGE = 413
_LOG = logging.getLogger(__name__)


class RewardServerError(Exception):
    """The server refuses what it is sent, or is no reward server."""


class _Unanswered(NamedTuple):
    """Why there is no result."""

    reason: str


def remote(url: str, *, token: str | None = None, patience: float = 300.0, timeout: float = 900.0) -> RemoteRewards:
    """The reward functions of a server: `remote("http://127.0.0.1:8321").reward` is one for TRL.

    `timeout`: seconds that the server may say nothing while it judges at most 64 items. May be pickled, and called from
    any thread or process.

    Raises:
        ValueError: `url` is no address of a server, or has a password in it, or no header can hold the token.
    """
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        named = False
    if not named:
        raise ValueError(f"{url!r} is no address of a server; give one like http://127.0.0.1:8321")
    if "@" in parts.netloc:  # errors show the address
        raise ValueError("the address holds a password, which is not sent; give the server's token as `token`")
    token = None if token is None else token.strip()  # as the server reads its own
    if token is not None and not sendable(token):
        raise ValueError("the token has characters other than printable ASCII; take the one that the server has")
    return RemoteRewards(url.rstrip("/"), token, patience, timeout)


def sendable(token: str) -> bool:
    """Whether a header can hold it. What http.client refuses stands in its error, and in logs then."""
    return token.isascii() and token.isprintable()


class RemoteRewards:
    """See `remote`. The methods are the functions of `tracemill.rewards`."""

    def __init__(self, url: str, token: str | None, patience: float, timeout: float) -> None:
        self.url = url
        self._token = token
        self._patience = patience
        self._timeout = timeout

    def compute_score(
        self,
        data_source: str,
        solution_str: Any,
        ground_truth: Any,
        extra_info: Any = None,
        *,
        opened_in_prompt: bool = False,
        not_judged: float | None = None,
        **_further: Any,
    ) -> float:
        """See `tracemill.rewards.compute_score`.

        Raises:
            NotJudged, RewardServerError
        """
        [found] = self._judged([solution_str], [ground_truth], [prompt_in(extra_info)], opened_in_prompt)
        return _or_else(data_source, found, not_judged)

    def compute_scores(
        self,
        data_sources: Sequence[str],
        solution_strs: Sequence[Any],
        ground_truths: Sequence[Any],
        extra_infos: Sequence[Any] | None = None,
        *,
        opened_in_prompt: bool = False,
        not_judged: float | None = None,
        **_further: Any,
    ) -> list[float]:
        """See `tracemill.rewards.compute_scores`.

        Raises:
            NotJudged, RewardServerError, ValueError
        """
        same_length(
            data_sources=data_sources,
            solution_strs=solution_strs,
            ground_truths=ground_truths,
            extra_infos=extra_infos,
        )
        infos = extra_infos if extra_infos is not None else [None] * len(solution_strs)
        found = self._judged(solution_strs, ground_truths, [prompt_in(one) for one in infos], opened_in_prompt)
        return [_or_else(source, one, not_judged) for source, one in zip(data_sources, found, strict=True)]

    def reward(
        self,
        completions: Sequence[Any],
        ground_truth: Sequence[Any] | None = None,
        reward_model: Sequence[Any] | None = None,
        prompts: Sequence[Any] | None = None,
        *,
        opened_in_prompt: bool = False,
        log_metric: Callable[[str, float], None] | None = None,
        **_columns: Any,
    ) -> list[float | None]:
        """See `tracemill.rewards.reward`.

        Raises:
            RewardServerError, ValueError
        """
        truths = truths_of(ground_truth, reward_model)
        same_length(completions=completions, ground_truth=truths, prompts=prompts)
        asked = prompts if prompts is not None else [None] * len(completions)
        found = self._judged(completions, truths, asked, opened_in_prompt)
        for reason in sorted({one.reason for one in found if isinstance(one, _Unanswered)}):
            _LOG.warning("not judged: %s", reason)
        scores = [None if isinstance(one, _Unanswered) else one for one in found]
        if log_metric and scores:
            log_metric("tracemill/not_judged", scores.count(None) / len(scores))
        return scores

    def _judged(
        self, responses: Sequence[Any], truths: Sequence[Any], prompts: Sequence[Any], opened: bool
    ) -> list[float | _Unanswered]:
        items = [_item(*row, opened) for row in zip(responses, truths, prompts, strict=True)]
        found: list[float | _Unanswered] = [one if isinstance(one, _Unanswered) else _Unanswered("") for one in items]
        batches = list(_batches(items))
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            answers = list(threads.map(lambda places: self._ask(items, places), batches))
        for places, results in zip(batches, answers, strict=True):
            for place, result in zip(places, results, strict=True):
                found[place] = result
        return found

    def _ask(self, items: Sequence[str | _Unanswered], places: Sequence[int]) -> list[float | _Unanswered]:
        body = f'{{"items": [{", ".join(str(items[place]) for place in places)}]}}'.encode()
        until = time.monotonic() + self._patience
        for failures in count():
            try:
                response, said = self._post(body)
                if response.status == 200:
                    return _results(said, len(places))
                if response.status == _TOO_LARGE:
                    return self._halves(items, places, said)
                if response.status not in _BUSY:
                    raise RewardServerError(f"{self.url} answered {response.status}: {said[:500].decode('latin-1')}")
                why, asked = f"answered {response.status}", retry_after(response.headers["Retry-After"])
            except (OSError, HTTPException) as exc:
                why, asked = f"could not be asked ({type(exc).__name__}: {exc})", None
            pause = (asked or 0.0) + spread(pause_after(failures))
            if time.monotonic() + pause > until:
                return [_Unanswered(f"{self.url} {why}, for {self._patience:g} s")] * len(places)
            time.sleep(pause)
        raise AssertionError("it is asked until it answers or patience ends")

    def _halves(self, items: Sequence[str | _Unanswered], places: Sequence[int], said: bytes) -> list[Any]:
        """The results of what is more than the server takes at once."""
        if len(places) == 1:
            return [_Unanswered(f"{self.url} takes no such item: {said[:200].decode('latin-1')}")]
        middle = len(places) // 2
        return [*self._ask(items, places[:middle]), *self._ask(items, places[middle:])]

    def _post(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout)
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request("POST", f"{parts.path}/score", body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


def _item(response: Any, truth: Any, prompt: Any, opened: bool) -> str | _Unanswered:
    """As JSON; what cannot be that is not judged here either (`scoring.py`)."""
    item = {"completion": response, "ground_truth": truth, "prompt": prompt, "opened_in_prompt": opened}
    try:
        return json.dumps(item, default=_plain)
    except (TypeError, ValueError, RecursionError) as exc:
        return _Unanswered(f"a row that is no JSON: {exc}")


def _plain(value: Any) -> Any:
    """Arrays and their numbers, as verl and pandas have them; other mappings and lists. What else there is, such as
    bytes, is no text of a response here or there."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray) else None


def _batches(items: Sequence[str | _Unanswered]) -> Iterator[list[int]]:
    places: list[int] = []
    size = 0
    for place, item in enumerate(items):
        if isinstance(item, _Unanswered):
            continue
        places.append(place)
        size += len(item)
        if len(places) == BATCH_ITEMS or size >= BATCH_BYTES:
            yield places
            places, size = [], 0
    if places:
        yield places


def _results(said: bytes, wanted: int) -> list[float | _Unanswered]:
    """Raises: RewardServerError: it is no answer of a reward server to so many items."""
    try:
        results = json.loads(said)["results"]
        found = [_Unanswered(str(one["reason"])) if one["reward"] is None else float(one["reward"]) for one in results]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as exc:
        raise RewardServerError(f"no answer of a reward server: {said[:200].decode('latin-1')}") from exc
    if len(found) != wanted or not all(isinstance(one, _Unanswered) or one in (0.0, 1.0) for one in found):
        raise RewardServerError(f"the server gave {len(found)} results for {wanted} items, or rewards of another kind")
    return found


def _or_else(data_source: str, found: float | _Unanswered, not_judged: float | None) -> float:
    if not isinstance(found, _Unanswered):
        return found
    if not_judged is None:
        raise NotJudged(f"{data_source}: {found.reason}")
    _LOG.warning("not judged: %s", found.reason)
    return not_judged
