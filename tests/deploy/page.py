"""The blocks of commands of docs/cluster.md."""

from __future__ import annotations

import re

from workplace import ROOT

ON_A_CLUSTER = {"Many nodes"}
"""Sections whose blocks need a cluster."""


def blocks() -> dict[str, list[str]]:
    """By section, in order."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^##+ ", (ROOT / "docs/cluster.md").read_text(), flags=re.MULTILINE)[1:]:
        commands = re.findall(r"^```sh\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
        if commands:
            found[section.splitlines()[0]] = commands
    return found
