"""Processes that judge items for the reward server: rows of `rlvr`, each with a response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from tracemill.asking.judge_pool import WorkPool
from tracemill.asking.judge_process import LocalProcess
from tracemill.rewards.scoring import RowVerdict, judge_row
from tracemill.settings.errors import TroubleError


class RowJudges(WorkPool[str, RowVerdict]):
    """`size` processes that judge items, each a text of JSON: what is nested too deep to be sent otherwise is then bad
    data where it is read, and no failure of the pool. An item over which two processes died has no reward.

    `place`: as for `LocalProcess.start_at`.
    """

    def __init__(self, size: int, stuck_seconds: float, place: str = f"{__name__}:judging_items") -> None:
        super().__init__(partial(LocalProcess[str, RowVerdict].start_at, place, None), size, stuck_seconds)

    def gave_up(self, work: str, cause: TroubleError) -> RowVerdict:
        return RowVerdict(None, "error", str(cause))


def judging_items(_given: None) -> Callable[[Sequence[str]], list[RowVerdict]]:
    """What a process does with a batch."""
    return lambda items: list(map(_judged, items))


def _judged(item: str) -> RowVerdict:
    """Whatever happens over an item is that item's own: an exception would end the service for everybody."""
    try:
        return judge_item(json.loads(item))
    except Exception as exc:  # noqa: BLE001  see above
        return _bad(f"the item cannot be judged: {type(exc).__name__}: {exc}")


def judge_item(item: Any) -> RowVerdict:
    """The verdict on `item["completion"]`. The ground truth is the item's, or as `rlvr` has it in `reward_model`."""
    if not isinstance(item, Mapping):
        return _bad(f"an item is an object, not {type(item).__name__}")
    if "completion" not in item:
        return _bad("the item has no field 'completion'")
    truth = item.get("ground_truth")
    if truth is None and isinstance(item.get("reward_model"), Mapping):
        truth = item["reward_model"].get("ground_truth")
    if truth is None:
        return _bad("the item has no field 'ground_truth', and none in 'reward_model'")
    opened = item.get("opened_in_prompt") is True
    return judge_row(item["completion"], truth, item.get("prompt"), opened_in_prompt=opened)


def _bad(reason: str) -> RowVerdict:
    return RowVerdict(None, "error", reason)
