"""What is said of a build that would publish nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from tracemill.running.phases.no_rows import refuse_no_rows
from tracemill.settings.errors import ShortfallError

VIEWS = ["sft", "process", "rlvr", "preference"]
REJECTED = pa.record_batch({"kept": [False] * 4, "view": VIEWS, "reason": ["answer refuted"] * 4})


def test_views_are_named_in_the_order_of_their_rows_each_time() -> None:
    def scan(_commit: Any, table: str, columns: tuple[str, ...]) -> list[pa.RecordBatch]:
        return [REJECTED.select(columns)] if table == "selection" else []

    config = SimpleNamespace(allow_empty=False)
    build: Any = SimpleNamespace(config=config, commit=None, store=SimpleNamespace(scan=scan))
    wanted = "".join(f"\n  candidates for {view}: 1 answer refuted" for view in VIEWS)
    for _ in range(30):
        with pytest.raises(ShortfallError) as caught:
            refuse_no_rows(build)
        assert f"rejected were:{wanted}\n" in str(caught.value)
