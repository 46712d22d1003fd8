"""What goes along into the sandbox, where there is nothing of ours but that."""

from __future__ import annotations

import io
import marshal
import zipfile

import pytest
from tracemill.claims.execution.shipping import archive


@pytest.mark.parametrize("name", ["observing", "run_answers"])
def test_what_is_shipped_reads_no_file_beside_it(name: str) -> None:
    """There are no such files in the archive: the catalogue of calls stays outside, and what reads it must."""
    with zipfile.ZipFile(io.BytesIO(archive(f"tracemill.claims.execution.{name}"))) as shipped:
        codes = {path: marshal.loads(shipped.read(path)[16:]) for path in shipped.namelist()}
    assert f"tracemill/claims/execution/{name}.pyc" in codes
    assert [path for path, code in codes.items() if "__file__" in code.co_names] == []
