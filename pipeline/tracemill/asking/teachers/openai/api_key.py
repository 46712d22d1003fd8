"""The secret that a server wants, which reaches nothing that is written or shown."""

from __future__ import annotations

from dataclasses import dataclass, field

HIDDEN = "***"
SHORTEST = 8
"""Characters of a secret. A shorter one is a word that a local server wants (`EMPTY`), and may stand in any reply."""


@dataclass(frozen=True, slots=True)
class Key:
    """`env`: the environment variable that the secret came from."""

    env: str
    secret: str = field(repr=False)

    def stands_in(self, text: str) -> bool:
        return len(self.secret) >= SHORTEST and self.secret in text


def without(key: Key | None, text: str) -> str:
    """The text without the key, which a server may repeat. Give the text that is shown: JSON may write the same
    characters in other ways (`\\/`)."""
    return text.replace(key.secret, HIDDEN) if key and key.stands_in(text) else text
