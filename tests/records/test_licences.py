"""Licences are SPDX expressions, or are refused with the reason."""

from __future__ import annotations

import pytest
from tracemill.records.licences import UnknownLicenceError, asks_for_notice, identifiers, spdx


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mit", "MIT"),
        (" apache-2.0 ", "Apache-2.0"),
        ("(mit or apache-2.0) and PSF-2.0", "(MIT OR Apache-2.0) AND PSF-2.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("LicenseRef-my-terms AND MIT", "LicenseRef-my-terms AND MIT"),
    ],
)
def test_an_expression_is_written_as_spdx_does(text: str, expected: str) -> None:
    assert spdx(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("MIT AND", "badly built"),
        ("MIT, see <script>", "badly built"),
        ("BSD", "SPDX has no 'BSD'"),
        ("other", "SPDX has no 'other'"),
        ("NOASSERTION", "SPDX has no"),
        ("[MIT](https://example.org)", "is no SPDX"),
    ],
)
def test_what_is_no_expression_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(UnknownLicenceError, match=why):
        spdx(text)


def test_the_licences_in_an_expression_are_told_each_once() -> None:
    assert identifiers("MIT AND (BSD-3-Clause OR MIT)") == ("MIT", "BSD-3-Clause")


def test_only_licences_without_conditions_ask_for_no_notice() -> None:
    assert not asks_for_notice("CC0-1.0 OR Unlicense")
    assert asks_for_notice("MIT")
    assert asks_for_notice("terms of our own")
    assert asks_for_notice("CC0-1.0 AND MIT")
