"""Keys, tokens and passwords in the strings of a config and in source lines: refused before they are published.

A build writes its config into its manifest, and parts of it onto the card and into rows. Known are the forms that
providers give their tokens, so that a scanner can find them. Not covered: passwords that look like any word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tracemill.settings.yaml_files import KeyPath
from tracemill.settings.yaml_models import Fault

_START = r"(?<![A-Za-z0-9])"
_FORMS = {
    "a token of Hugging Face": r"hf_[A-Za-z0-9]{20,}",
    # A digit somewhere: `sk-learn-and-other-words` is none.
    "an API key": r"(?:sk|pk|rk|gsk|r8|nvapi|xai)[-_](?=[\w-]*\d)[A-Za-z0-9_-]{20,}",
    "a key of AWS": r"A(?:KIA|SIA|BIA|CCA)[0-9A-Z]{16}(?![A-Za-z0-9])",
    "a key of Google": r"(?:AIza[\w-]{35}|ya29\.[\w-]{20,})",
    "a token of GitHub": r"(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,})",
    "a token of GitLab": r"glpat-[\w-]{20,}",
    "a token of Slack": r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a token of a package index": r"(?:pypi-[\w-]{50,}|npm_[A-Za-z0-9]{36})",
    "a JSON web token": r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a bearer token": r"(?i:bearer)\s+[\w.~+/=-]{16,}",
    "an address with a password": r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:[^\s/@]+@",
    "an address with a key": r"(?i:[?&](?:[\w-]*(?:token|key|secret|password|signature|sig))=)[^&\s]{8,}",
}
_BEGINNINGS = (
    *("hf_", "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "r8-", "r8_", "nvapi", "xai-", "xai_", "AKIA", "ASIA", "ABIA"),
    *("ACCA", "AIza", "ya29.", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "pypi-", "npm_"),
    "-----BEGIN",
)
"""Of what is looked for in source lines: one of them is in every such text, and looking for them is twenty times as
fast as looking for the forms."""
_IN_PROSE = frozenset({"a JSON web token", "a bearer token", "an address with a password", "an address with a key"})
"""What tutorials show with made-up values."""
_PATTERNS = {what: re.compile(form if form.startswith("(?i:[?") else _START + form) for what, form in _FORMS.items()}


def secret_in(text: str) -> str | None:
    """What a text seems to hold, such as `a key of AWS`; None where nothing does."""
    return next((what for what, pattern in _PATTERNS.items() if pattern.search(text)), None)


def token_in(text: str) -> str | None:
    """What a text of a source seems to hold, such as `a key of AWS`: only forms that nobody writes by chance."""
    if not any(beginning in text for beginning in _BEGINNINGS):
        return None
    tokens = (what for what in _PATTERNS if what not in _IN_PROSE)
    return next((what for what in tokens if _PATTERNS[what].search(text)), None)


def secrets_in(data: Any, at: KeyPath = ()) -> Iterator[Fault]:
    """A fault for each string of plain data that seems to hold a secret; the fault does not repeat it."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if found := secret_in(str(key)):
                yield Fault(at, f"one of its keys {_refusal(found)}")
            else:
                yield from secrets_in(value, (*at, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from secrets_in(value, (*at, index))
    elif isinstance(data, str) and (found := secret_in(data)):
        yield Fault(at, _refusal(found))


def _refusal(what: str) -> str:
    return (
        f"looks like {what}, and a build publishes its config; take it out, have it revoked if this file was "
        "shared, and give secrets in the environment (HF_TOKEN, AWS_SECRET_ACCESS_KEY, …)"
    )
