"""The files of pinned releases name every package that an installation of tracemill needs.

Two of them are installed without looking for what is missing (``pip install --no-deps``), so that a package which a
release began to need is met only when something imports it, at the end of a build.
"""

from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tracemill.claims.execution.packages import PACKAGES, STDLIB

ROOT = Path(__file__).parents[1]


def needs(root: str, extra: str = "") -> set[str]:
    """The distributions that *root* needs, directly or not, as the installed ones of this environment say."""
    seen, waiting = set(), [(root, extra)]
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            lines = requires(name) or []
        except PackageNotFoundError:  # of another platform or an extra that is not installed
            continue
        for requirement in map(Requirement, lines):
            if requirement.marker is None or requirement.marker.evaluate({"extra": wanted}):
                waiting += [(canonicalize_name(requirement.name), more) for more in ("", *requirement.extras)]
    return {name for name, _ in seen} - {root}


@pytest.mark.parametrize("file", sorted(ROOT.glob("constraints*.txt")), ids=lambda file: file.name)
def test_every_package_that_an_installation_needs_is_pinned(file):
    pinned = {canonicalize_name(line.split("==")[0]) for line in file.read_text().splitlines() if "==" in line}
    assert needs("tracemill") - pinned == set()


def test_the_extra_realcode_brings_every_package_that_problems_are_made_of():
    wanted = {canonicalize_name(package) for package in PACKAGES} - {STDLIB}
    assert wanted - needs("tracemill") - needs("tracemill", "realcode") == set()


def test_what_the_needed_packages_need_counts_too():
    assert {"pygal", "importlib-metadata", "zipp"} <= needs("tracemill")
    assert "aiohttp-cors" in needs("tracemill"), "Ray's extra `default` asks for it"
    assert needs("tracemill") < needs("tracemill", "dev")
