from __future__ import annotations

import polars as pl
import pytest
from tracemill.selection import slices as module
from tracemill.selection.slices import slices


def test_a_slice_ends_with_the_row_that_reaches_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE_BYTES", 10)
    frame = pl.DataFrame(
        {"text": ["aaaa", "bbbbbb", "c", None, "d", "e" * 50, "f"], "more": ["", "", "é", "", "", "", ""]}
    )
    found = list(slices(frame, 3, ("text", "more")))
    assert [part.height for part in found] == [2, 3, 1, 1]
    assert pl.concat(found).equals(frame)
    assert list(slices(frame.clear(), 3, ("text",))) == []
