"""No proof of a theorem that may be trained on uses one that is held out: over all databases, for every share."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from tracemill.metamath.database_reader import read_database
from tracemill.records import fingerprint, split_of
from tracemill.tasks.metamath.databases import NAMES
from tracemill.tasks.metamath.split import Place, TheoremNode, places
from tracemill.tasks.metamath.task import FAMILY
from tracemill.tasks.metamath.theorems import labels_of, node_of

FOLDER = Path("/usr/share/metamath/databases")


def held_out(found: dict[str, Place], share: float) -> set[str]:
    """As `sources/domains.py` decides it."""
    return {
        name
        for name, place in found.items()
        if place.may_be_held_out and split_of(fingerprint(FAMILY, place.group), share) == "bench"
    }


def test_what_only_one_group_uses_belongs_to_it() -> None:
    found = places(
        {
            "a": TheoremNode("A", []),
            "b": TheoremNode("B", ["a"]),
            "c": TheoremNode("C", ["b"]),
            "d": TheoremNode("D", ["a", "c"]),
        }
    )
    assert {place.group for place in found.values()} == {"d"}
    assert all(place.may_be_held_out for place in found.values())


def test_what_two_groups_use_is_never_held_out() -> None:
    found = places({"a": TheoremNode("A", []), "b": TheoremNode("B", ["a"]), "c": TheoremNode("C", ["a"])})
    assert [place.may_be_held_out for place in found.values()] == [False, True, True]
    assert len({place.group for place in found.values()}) == 3


def test_equal_statements_are_one_group_and_rest_on_what_either_rests_on() -> None:
    found = places(
        {
            "a": TheoremNode("A", []),
            "b": TheoremNode("B", ["a"]),
            "a2": TheoremNode("A", []),
            "c": TheoremNode("C", ["a2"]),
        }
    )
    assert found["a"] == found["a2"]
    assert not found["a"].may_be_held_out


@pytest.mark.skipif(not FOLDER.is_dir(), reason="needs apt-get install metamath-databases")
def test_no_proof_uses_a_theorem_that_is_held_out() -> None:
    nodes: dict[str, TheoremNode] = {}
    uses: dict[str, list[str]] = {}
    for name in NAMES:
        database = read_database(FOLDER / name)
        for theorem in database.theorems:
            nodes[f"{name}:{theorem.label}"] = node_of(name, database, theorem)
            # Told by the proof's text alone: what is no theorem is no key of `nodes` either.
            uses[f"{name}:{theorem.label}"] = [f"{name}:{label}" for label in labels_of(theorem)]
    found = places(nodes)
    assert sum(place.may_be_held_out for place in found.values()) > len(found) / 5
    for share in (0.02, 0.1, 0.5):
        bench = held_out(found, share)
        assert len(bench) > share * len(found) / 10
        taught = [(name, used) for name in uses.keys() - bench for used in uses[name] if used in bench]
        assert not taught
        alike = defaultdict(set)
        for name, node in nodes.items():
            alike[node.states].add(name in bench)
        assert all(len(sides) == 1 for sides in alike.values())
