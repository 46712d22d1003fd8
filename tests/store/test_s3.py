"""What only object storage does: conditional writes in parts, lost replies, conflicts, listings in pages."""

from __future__ import annotations

from typing import Any

import pytest
from tracemill.settings.errors import TracemillError, UsageError
from tracemill.store import object_storage as remote
from tracemill.store.object_storage import RemoteFiles


def refusal(code: str) -> OSError:
    from botocore.exceptions import ClientError

    error = OSError(f"refused: {code}")
    error.__cause__ = ClientError({"Error": {"Code": code}}, "PutObject")
    return error


def test_a_large_file_is_created_in_parts_and_only_once(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CHUNK_BYTES", 5 << 20)
    files = RemoteFiles(s3_url)
    data = bytes(range(256)) * (44 << 10)
    calls: list[str] = []
    real = files._fs._call_s3

    async def spy(method: str, *arguments: Any, **parameters: Any) -> Any:
        calls.append(method)
        return await real(method, *arguments, **parameters)

    monkeypatch.setattr(files._fs, "_call_s3", spy)
    assert files.create("large", data)
    assert calls.count("upload_part") == 3
    assert not files.create("large", b"y" * len(data))
    assert files.read("large") == data
    assert files.sweep() == 0


def test_uploads_that_dead_writers_began_are_aborted(s3_url: str) -> None:
    files = RemoteFiles(s3_url)
    files._ask("create_multipart_upload", Key=files._key("parts/half"))
    assert files.sweep() == 1
    assert files.sweep() == 0
    assert files.list() == []


def test_a_retry_that_meets_its_own_file_counts_as_made(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RemoteFiles(s3_url)
    real = files._fs.pipe_file

    def loses_the_reply(where: str, data: bytes, **options: Any) -> None:
        real(where, data, **options)
        raise FileExistsError(where)

    monkeypatch.setattr(files._fs, "pipe_file", loses_the_reply)
    assert files.create("a", b"ours")
    assert not files.create("a", b"theirs")


def test_a_refusal_without_details_is_understood_by_its_code(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RemoteFiles(s3_url)
    files.create("a", b"first")

    def refuses(*arguments: Any, **options: Any) -> None:
        raise refusal("PreconditionFailed")

    monkeypatch.setattr(files._fs, "pipe_file", refuses)
    assert not files.create("a", b"second")


def test_a_conflict_is_tried_again(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RemoteFiles(s3_url)
    real, tries = files._fs.pipe_file, []

    def conflicts_twice(where: str, data: bytes, **options: Any) -> None:
        tries.append(where)
        if len(tries) < 3:
            raise refusal("ConditionalRequestConflict")
        real(where, data, **options)

    monkeypatch.setattr(files._fs, "pipe_file", conflicts_twice)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert files.create("a", b"x")
    assert len(tries) == 3


def test_another_refusal_is_loud(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RemoteFiles(s3_url)

    def refuses(*arguments: Any, **options: Any) -> None:
        raise refusal("AccessDenied")

    monkeypatch.setattr(files._fs, "pipe_file", refuses)
    with pytest.raises(TracemillError, match="AccessDenied"):
        files.create("a", b"x")


def test_a_listing_of_several_pages_is_complete(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = RemoteFiles(s3_url)
    for number in range(5):
        files.create(f"a/{number}", b"")
    real = files._fs.call_s3
    pages: list[str] = []

    def two_at_a_time(method: str, **parameters: Any) -> Any:
        pages.append(method)
        return real(method, MaxKeys=2, **parameters)

    monkeypatch.setattr(files._fs, "call_s3", two_at_a_time)
    assert files.list("a/") == [f"a/{number}" for number in range(5)]
    assert len(pages) == 3


@pytest.mark.parametrize("lost", ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID"])
def test_a_service_that_cannot_be_reached_is_an_error_with_a_fix(
    s3_url: str, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    if lost == "AWS_ACCESS_KEY_ID":
        monkeypatch.delenv(lost)
    files = RemoteFiles(s3_url)
    files._fs.retries = 1
    for act in (files.list, lambda: files.read("a"), lambda: files.create("a", b"x"), lambda: files.exists("a")):
        with pytest.raises(TracemillError, match="check AWS_ENDPOINT_URL"):
            act()


def test_a_missing_bucket_is_named(s3_url: str) -> None:
    with pytest.raises(TracemillError, match="does the bucket exist"):
        RemoteFiles("s3://no-such-bucket/x").list()
    with pytest.raises(UsageError, match="names no bucket"):
        RemoteFiles("s3://")
