"""A build with problems that are held out."""

from __future__ import annotations

import pytest
from workplace import Workplace


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    place = Workplace(tmp_path_factory.mktemp("asked"))
    assert place.build("split.bench=0.3") == 0
    return place
