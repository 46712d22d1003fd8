"""Addresses on the Hub: what is taken, and that what its own client refuses is refused here with the fix."""

from __future__ import annotations

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from tracemill.publishing.hub.hub_address import HubAddress, hub_address
from tracemill.settings.errors import UsageError


@pytest.mark.parametrize("text", ["me/x", "hf://me/x", "hf://datasets/me/x"])
def test_a_repository_is_known_in_every_notation(text: str) -> None:
    assert hub_address(text) == HubAddress("me/x")
    assert hub_address(f"{text}@v1") == HubAddress("me/x", "v1")


def test_an_address_reads_as_it_is_written() -> None:
    for address in (HubAddress("me/open-r1.audited_2"), HubAddress("me/x", "refs/pr/1")):
        assert hub_address(str(address)) == address


REFUSED = [
    "x",
    "",
    "me/",
    "/x",
    "me/x/y",
    "me/a--b",
    "me/a..b",
    "me/x.git",
    "me/-x",
    "me/x-",
    "me/x.",
    "me/ä",
    "me/a b",
]


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_hub_refuses_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="write OWNER/NAME"):
        hub_address(name)


@pytest.mark.parametrize("name", ["me/x", "A1/b.c", "me/x_", "m/n"])
def test_what_is_taken_the_client_takes(name: str) -> None:
    validate_repo_id(hub_address(name).repository)


def test_the_client_refuses_what_is_refused() -> None:
    taken = []
    for name in REFUSED:
        try:
            validate_repo_id(name)
        except HFValidationError:
            continue
        taken.append(name)
    # An owner is wanted here, since none is guessed.
    assert taken == ["x"]


def test_a_token_in_the_place_of_a_name_is_not_repeated() -> None:
    token = "hf_" + "abcdefghij" * 3
    with pytest.raises(UsageError, match="looks like a token") as raised:
        hub_address(f"me/{token}")
    assert token not in str(raised.value)
