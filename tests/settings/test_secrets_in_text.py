"""Secrets in a config are refused by the key's path, and not repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.settings.secrets_in_text import secret_in, secrets_in, token_in
from workplace import CONFIG, ROOT

# Put together here, so that no scanner of this repository takes them for real.
SECRETS = [
    "hf_" + "AbCd1234" * 4,
    "sk-" + "proj-aB3dE5" * 3,
    "sk-ant-" + "api03-x9" * 4,
    "AKIA" + "ABCDEFGH12345678",
    "ghp_" + "a1B2c3" * 6,
    "github_pat_" + "11AAAA0_" * 4,
    "glpat-" + "a1-B2_c3" * 3,
    "xoxb-" + "1234567890-abc",
    "AIza" + "Sy-_A123456" * 3 + "ab",
    "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N",
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "Authorization: Bearer " + "abcdef0123456789abcdef",
    "postgres://me:" + "hunter2@db.example/rows",
    "https://:" + "hunter2@host",
    "https://bucket.example/rows.jsonl?X-Amz-" + "Signature=0123456789abcdef",
    "https://account.example/rows?sv=1&sig=" + "abcdefgh1234",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_found_alone_and_within_text(secret: str) -> None:
    assert secret_in(secret)
    assert secret_in(f"use '{secret}' for it")


def test_in_prose_only_forms_that_nobody_writes_by_chance_are_found() -> None:
    assert [secret for secret in SECRETS if not token_in(f"so '{secret}' it is")] == [SECRETS[9], *SECRETS[11:]]


@pytest.mark.parametrize(
    "text",
    [
        "sha256:" + "0123456789abcdef" * 4,
        "task-based-risk-assessment-of-2026-projects",
        "sk-learn-and-many-other-words",
        "math.algebra.linear_system.market",
        "s3://bucket/prefix",
        "https://example.org:8080/rows?split=train&page=12345678",
        "ray://10.0.0.1:10001",
        "End with a line that has '####' and the final number.",
        "me@example.org",
        "hf_token",
    ],
)
def test_what_is_no_secret_passes(text: str) -> None:
    assert secret_in(text) is None


def test_no_shipped_config_or_curriculum_holds_one() -> None:
    for path in [*ROOT.glob("configs/*.yaml"), *ROOT.glob("curricula/*.yaml")]:
        assert secret_in(path.read_text()) is None


def test_the_place_is_named_and_the_secret_is_not() -> None:
    data = {"a": [{"b": SECRETS[0]}], SECRETS[1]: 1, "c": {"d": SECRETS[3]}}
    found = list(secrets_in(data))
    assert [fault.at for fault in found] == [("a", 0, "b"), (), ("c", "d")]
    assert not any(secret in fault.text for fault in found for secret in SECRETS)


@pytest.mark.parametrize("place", ["file", "override", "curriculum"])
def test_a_build_with_one_is_refused_before_anything_is_written(workplace, capsys, place: str) -> None:
    secret = SECRETS[0]
    if place == "file":
        workplace.config({**CONFIG, "executor": {"kind": "ray", "address": secret}, "seed": secret})
    if place == "curriculum":
        workplace.curriculum({"name": secret, "shortfall": "take", "stages": 3})
    assert workplace.build(*[f"teacher.kind={secret}"] * (place == "override")) == 2
    error = capsys.readouterr().err
    assert "looks like a token of Hugging Face" in error and "environment" in error
    key = {"file": "executor.address: ", "override": "--set teacher.kind: teacher.kind: ", "curriculum": ": name: "}
    assert key[place] in error
    assert secret not in error
    assert not Path(workplace.out).exists()
