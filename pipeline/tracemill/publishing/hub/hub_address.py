"""Where a dataset lies on the Hub: `hf://OWNER/NAME`, or `hf://OWNER/NAME@REVISION`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracemill.settings.errors import UsageError
from tracemill.settings.secrets_in_text import secret_in

_SCHEME = "hf://"
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?"
_ADDRESS = re.compile(rf"(?:datasets/)?(?P<repository>{_PART}/{_PART})(?:@(?P<revision>[^@\s]+))?")
_NOT_TAKEN = re.compile(r"--|\.\.|\.git$")
"""What the Hub refuses in names, beside other characters: a test of its own client is held to these rules."""


@dataclass(frozen=True, slots=True)
class HubAddress:
    """`repository` is `OWNER/NAME`; `revision` a branch, a tag or a commit, None for the newest."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{_SCHEME}{self.repository}" + (f"@{self.revision}" if self.revision else "")


def is_on_hub(text: str) -> bool:
    return text.startswith(_SCHEME)


def hub_address(text: str) -> HubAddress:
    """From `OWNER/NAME`, with or without `hf://` and `@REVISION`.

    >>> hub_address("hf://me/audited@v1")
    HubAddress(repository='me/audited', revision='v1')

    Raises:
        UsageError: the Hub takes no such name. What may be a token is not repeated.
    """
    if found := secret_in(text):
        raise UsageError(
            f"the repository's name looks like {found}, which would stand in logs; have it revoked, and give tokens in "
            "the environment (HF_TOKEN) or by `hf auth login`"
        )
    match = _ADDRESS.fullmatch(text.removeprefix(_SCHEME))
    if match is None or _NOT_TAKEN.search(match["repository"]):
        raise UsageError(
            f"the Hub has no datasets called {text!r}; write OWNER/NAME, each of letters, digits, '-', '_' and '.', "
            "with neither '--' nor '..', that ends in no sign and not in .git, such as me/audited"
        )
    return HubAddress(match["repository"], match["revision"])
