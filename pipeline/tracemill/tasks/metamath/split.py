"""Which theorems may be held out: no proof of any other theorem may use one that is in the benchmark.

Theorems that state the same, in one database or in two, are one group. What only a group that may be held out uses
belongs to that group. A group that no proof outside it uses may be held out, as the whole that it is, for any share
that a build holds out. All others are never held out: some proof rests on them, and would teach what they state.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple


class TheoremNode(NamedTuple):
    """A theorem: what it states, equal for equal statements, and the theorems that its proof uses."""

    states: Hashable
    uses: Iterable[str]


class Place(NamedTuple):
    """`group` is the name of one of its theorems."""

    group: str
    may_be_held_out: bool


def places(theorems: Mapping[str, TheoremNode]) -> dict[str, Place]:
    """By theorem its place. They come in an order in which each is stated before it is used.

    Of a, b that uses a, c that uses b, and d that uses a, c and d may be held out, c together with b.
    """
    groups = _Groups(theorems)
    # From the last one back, so that who uses a theorem is known when it is looked at. Two databases have two orders:
    # again, until nothing changes.
    while groups.join_all(list(theorems)[::-1]):
        pass
    return {name: Place(groups.of(name), not groups.users(name)) for name in theorems}


class _Groups:
    def __init__(self, theorems: Mapping[str, TheoremNode]) -> None:
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

    def join_all(self, names: Iterable[str]) -> bool:
        """Whether any of them was joined with another group."""
        return sum(self.join(name) for name in names) > 0

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
