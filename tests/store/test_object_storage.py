"""What only object storage does: three services, conditional writes, lost replies, refusals, listings in pages."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from fake_service import FakeService, serving
from tracemill.cli.command_line import main
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.store import object_storage as remote
from tracemill.store.object_storage import RemoteFiles
from tracemill.store.opening import open_files
from tracemill.store.store import Store

SCHEMES = ("s3", "gs", "az")


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """A service that speaks to clients of all three kinds; `s3://bucket`, `gs://bucket` and `az://bucket` mean it."""
    with serving() as fake:
        for name, value in {
            "AWS_ENDPOINT_URL": fake.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "GOOGLE_BASE_URL": fake.address,
            "GOOGLE_BEARER_TOKEN": "test",
            "AZURE_STORAGE_ENDPOINT": fake.address,
            "AZURE_STORAGE_ACCOUNT_NAME": "account",
            "AZURE_STORAGE_ACCOUNT_KEY": base64.b64encode(b"test").decode(),
            "NO_PROXY": "127.0.0.1",
            # Whoever does not heed NO_PROXY ends here.
            "HTTP_PROXY": "http://127.0.0.1:9",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(remote, "_RETRIES", {"max_retries": 1})
        yield fake


def puts(service: FakeService) -> list[dict[str, str]]:
    return [headers for method, _, headers in service.requests if method == "PUT"]


@pytest.mark.parametrize(
    ("scheme", "condition"),
    [("s3", ("if-none-match", "*")), ("gs", ("x-goog-if-generation-match", "0")), ("az", ("if-none-match", "*"))],
)
def test_each_service_creates_by_one_conditional_request(
    service: FakeService, scheme: str, condition: tuple[str, str]
) -> None:
    files = open_files(f"{scheme}://bucket/a/b")
    large = bytes(range(256)) * (48 << 10)
    assert files.create("c/large", large)
    assert not files.create("c/large", b"y" * len(large))
    assert [condition in headers.items() for headers in puts(service)] == [True, True]
    assert service.objects == {"a/b/c/large": large}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_service_is_a_folder(service: FakeService, scheme: str) -> None:
    service.page = 2
    service.objects["other/x"] = b""
    files = open_files(f"{scheme}://bucket/build/")
    assert files.first() is None
    for number in range(5):
        assert files.create(f"a/{number}", bytes([number]) * 10)
    assert files.list() == files.list("a/") == [f"a/{number}" for number in range(5)]
    assert files.list("a/3") == ["a/3"]
    assert files.first() == "a/0"
    assert (files.size("a/3"), files.read("a/3")) == (10, b"\3" * 10)
    with files.open_input("a/4") as file:
        assert file.seek(8) == 8
        assert file.read() == b"\4\4"
    files.replace("a/0", b"new")
    assert files.read("a/0") == b"new"
    files.delete("a/0")
    files.delete("a/0")
    assert not files.exists("a/0")
    assert "other/x" in service.objects


def test_a_retry_that_meets_its_own_file_counts_as_made(service: FakeService) -> None:
    files = open_files("s3://bucket/x")
    replies = iter([(500, "lost")])
    service.after = lambda method, key: next(replies, None) if method == "PUT" else None
    assert files.create("a", b"ours")
    assert len(puts(service)) == 2
    assert not files.create("a", b"hers")


def test_a_conflict_is_tried_again_and_given_up_in_the_end(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    files = open_files("s3://bucket/x")
    conflicts = iter([(409, "<Error><Code>ConditionalRequestConflict</Code></Error>")] * 2)
    service.before = lambda method, key: next(conflicts, None) if method == "PUT" else None
    assert files.create("a", b"x")
    assert len(puts(service)) == 3
    service.before = lambda method, key: (409, "") if method == "PUT" else None
    with pytest.raises(TracemillError, match="others keep writing it"):
        files.create("b", b"x")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_service_that_overwrites_what_is_there_is_refused(service: FakeService, scheme: str) -> None:
    service.conditions = False
    for _ in range(2):
        with pytest.raises(UsageError, match=r"overwrites a file.*If-None-Match"):
            Store(f"{scheme}://bucket/x").claim({}, lease_seconds=0.1)
        assert list(service.objects) == ["x/runs/lock"]
    service.conditions = True
    with Store(f"{scheme}://bucket/x").claim({}, lease_seconds=0.1) as run:
        assert run.epoch == 1


def error(code: str, message: str = "it says") -> str:
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (404, "NoSuchBucket", "make the bucket, or correct its name"),
        (403, "AccessDenied", "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"),
        (401, "InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"),
        (400, "AuthorizationHeaderMalformed", "set AWS_REGION to the bucket's region"),
        (301, "PermanentRedirect", "set AWS_REGION to the bucket's region"),
        (503, "SlowDown", "check AWS_ENDPOINT_URL and the network"),
    ],
)
def test_what_is_wrong_at_the_start_is_said_with_its_fix_before_anything_runs(
    service: FakeService, capsys: pytest.CaptureFixture[str], status: int, code: str, fix: str
) -> None:
    service.before = lambda method, key: (status, error(code))
    assert main(["status", "s3://bucket/x"]) == 2
    said = capsys.readouterr().err
    assert "cannot use s3://bucket/x: " in said
    assert fix in said
    assert len(said.splitlines()) == 1
    assert len(service.requests) <= 2


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [(403, "AccessDenied", "check AWS_ACCESS_KEY_ID"), (501, "NotImplemented", "cannot create a file only if")],
)
def test_a_bucket_that_may_only_be_read_is_refused_before_anything_runs(
    service: FakeService, status: int, code: str, fix: str
) -> None:
    service.before = lambda method, key: (status, error(code)) if method == "PUT" else None
    with pytest.raises(UsageError, match=f"cannot write s3://bucket/x/runs/lock: .*{code}.*{fix}"):
        Store("s3://bucket/x").claim({}, lease_seconds=0.1)
    assert service.objects == {}


def test_a_refusal_during_a_run_fails_the_run_and_says_that_rows_are_kept(service: FakeService) -> None:
    files = open_files("s3://bucket/x")
    service.before = lambda method, key: (403, error("AccessDenied"))
    for act in (
        files.list,
        files.first,
        lambda: files.read("a"),
        lambda: files.create("a", b"x"),
        lambda: files.replace("a", b"x"),
        lambda: files.delete("a"),
        lambda: files.exists("a"),
        lambda: files.open_input("a"),
        lambda: files.sha256("a"),
    ):
        with pytest.raises(TracemillError, match=r"s3://bucket/x.*check AWS_ACCESS_KEY_ID.*rows are kept") as one:
            act()
        assert not isinstance(one.value, UsageError)


def test_a_bucket_that_vanishes_during_a_run_is_no_missing_file(service: FakeService) -> None:
    files = open_files("s3://bucket/x")
    service.before = lambda method, key: (404, error("NoSuchBucket"))
    for act in (lambda: files.create("a", b"x"), lambda: files.replace("a", b"x"), files.list):
        with pytest.raises(TracemillError, match="make the bucket"):
            act()


def test_the_mark_of_an_empty_folder_is_no_file(service: FakeService) -> None:
    service.objects["x/"] = b""
    with Store("s3://bucket/x").claim({}, lease_seconds=0.1) as run:
        assert "" not in run.files.list()


def test_names_that_no_build_has_are_refused(service: FakeService) -> None:
    service.objects["x/we//ird"] = b""
    with pytest.raises(UsageError, match="names no build has: choose another --out"):
        open_files("s3://bucket/x")


def test_nobody_at_the_address_and_no_keys_are_said_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_RETRIES", {"max_retries": 1})
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    with pytest.raises(UsageError, match="Missing SecretAccessKey; check AWS_ACCESS_KEY_ID"):
        open_files("s3://bucket/x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(UsageError, match=r"127\.0\.0\.1:9.*check AWS_ENDPOINT_URL and the network"):
        open_files("s3://bucket/x")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UsageError, match="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"):
        open_files("s3://bucket/x")


@pytest.mark.parametrize("value", ["garbage", "ftp://host", "http://", "https:// host"])
def test_an_endpoint_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", value)
    with pytest.raises(UsageError, match=r"AWS_ENDPOINT_URL='.*' is no address; write https://host"):
        open_files("s3://bucket/x")


@pytest.mark.parametrize("url", ["s3://", "gs:///x", "az://"])
def test_a_url_without_a_bucket_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="names no bucket"):
        RemoteFiles(url)


def test_a_missing_bucket_ends_the_command_before_anything_runs(
    s3_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "quickstart", "--out", "s3://no-such-bucket/x"]) == 2
    assert "cannot use s3://no-such-bucket/x: NoSuchBucket" in capsys.readouterr().err
