"""What the broker says of a slot, once, when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

INSIDE_ID = 1000
"""User and group in a user namespace of the slot's own."""


@dataclass
class Setup:
    """`uid`: a user id that nothing else has, where the broker is root; else None.
    `folders`: where the interpreter and its packages lie; `packages`: those of them that imports search.
    `preload`: modules that the zygote has loaded. `kept`: see `root.build`.
    """

    defences: frozenset[str]
    uid: int | None
    folders: list[str]
    packages: list[str]
    preload: list[str]
    kept: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, message: dict[str, Any]) -> Setup:
        return cls(**{**message, "defences": frozenset(message["defences"])})

    @property
    def has_group(self) -> bool:
        """Whether the kernel counts the memory of all processes of the slot together."""
        return "cgroup" in self.defences
