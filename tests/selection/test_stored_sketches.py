from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tracemill.selection.duplicates import PERMUTATIONS
from tracemill.selection.stored_sketches import StoredSketches

SKETCHES = np.random.default_rng(3).integers(0, 2**16, (500, PERMUTATIONS), dtype=np.uint16)


@pytest.mark.parametrize("rows", [[], [7], [3, 4, 5], [499, 0, 250, 3], list(range(499, -1, -1))])
def test_rows_come_back_as_they_were_added(tmp_path: Path, rows: list[int]) -> None:
    with StoredSketches(tmp_path / "sketches") as stored:
        for start in range(0, 500, 64):
            stored.add(SKETCHES[start : start + 64])
        assert len(stored) == 500
        assert np.array_equal(stored.take(np.array(rows, np.int32)), SKETCHES[rows])


def test_a_file_that_is_there_is_not_added_to(tmp_path: Path) -> None:
    (tmp_path / "sketches").touch()
    with pytest.raises(FileExistsError):
        StoredSketches(tmp_path / "sketches")
