"""Which theorems may be held out: no proof of any other theorem may use one that is in the benchmark.

Theorems that state the same, in one database or in two, are one group. What only a group that may be held out uses belongs to
that group. A group that no proof outside it uses may be held out, as the whole that it is, for any share that a build
holds out. All others are never held out: some proof rests on them, and would teach what they state.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple


class Node(NamedTuple):
    """A theorem: what it states, equal for equal statements, and the theorems that its proof uses."""

    states: Hashable
    uses: Iterable[str]


class Place(NamedTuple):
    """`group` is the name of one of its theorems."""

    group: str
    may_be_held_out: bool


def places(theorems: Mapping[str, Node]) -> dict[str, Place]:
    """By theorem its place. They come in an order in which each is stated before it is used.

    >>> places({"a": Node("A", []), "b": Node("B", ["a"]), "c": Node("C", ["b"]), "d": Node("D", ["a"])})
    {'a': Place(group='a', may_be_held_out=False), 'b': Place(group='c', may_be_held_out=True), \
'c': Place(group='c', may_be_held_out=True), 'd': Place(group='d', may_be_held_out=True)}
    """
    groups = _Groups(theorems)
    # From the last one back, so that who uses a theorem is known when it is looked at. Two databases have two orders:
    # again, until nothing changes.
    while any([groups.join(name) for name in reversed(theorems)]):
        pass
    return {name: Place(groups.of(name), not groups.users(name)) for name in theorems}


class _Groups:
    def __init__(self, theorems: Mapping[str, Node]) -> None:
        self._leader: dict[str, str] = {}
        self._users: dict[str, set[str]] = {}
        first: dict[Hashable, str] = {}
        for name, node in theorems.items():
            self._leader[name] = first.setdefault(node.states, name)
            self._users.setdefault(self._leader[name], set())
        for name, node in theorems.items():
            for used in node.uses:
                self._users[self._leader[used]].add(name)

    def of(self, name: str) -> str:
        while self._leader[name] != name:
            name = self._leader[name]
        return name

    def users(self, name: str) -> set[str]:
        """The other groups with a proof that uses this one's."""
        group = self.of(name)
        return {self.of(user) for user in self._users[group]} - {group}

    def join(self, name: str) -> bool:
        """Joins a theorem's group with the one group that uses it, where that one may be held out."""
        group, users = self.of(name), self.users(name)
        if len(users) != 1:
            return False
        (user,) = users
        if self.users(user):
            return False
        self._leader[group] = user
        self._users[user] |= self._users.pop(group)
        return True
