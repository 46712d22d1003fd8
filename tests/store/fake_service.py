"""An object storage service on loopback that speaks as much of S3, Google's XML and Azure's protocol as a folder needs.

For what moto does not have: the other two services, requests that fail, and a service without conditional writes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

Answer = tuple[int, str] | None
BUCKET = "bucket"


class FakeService:
    """`objects` by key. `before` and `after` see each request's method and key; what they return is the answer.

    `conditions`: whether a condition of a PUT is looked at. `page`: how many keys a listing gives at once. `requests`:
    method, key and headers of each.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.conditions = True
        self.page = 1000
        self.before: Callable[[str, str], Answer] = lambda method, key: None
        self.after: Callable[[str, str], Answer] = lambda method, key: None
        self.address = ""


@contextmanager
def serving() -> Iterator[FakeService]:
    service = FakeService()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            _handle(service, self)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = handle_any

        def log_message(self, *arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    service.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handle(service: FakeService, request: BaseHTTPRequestHandler) -> None:
    path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
    key = unquote(path).removeprefix(f"/{BUCKET}").lstrip("/")
    headers = {name.lower(): value for name, value in request.headers.items()}
    data = request.rfile.read(int(headers.get("content-length", 0)))
    service.requests.append((request.command, key, headers))
    answer = service.before(request.command, key)
    if answer is None:
        status, body, extra = _act(service, request.command, key, query, headers, data)
        changed = service.after(request.command, key)
        answer = changed or (status, "")
        body = body if changed is None else changed[1].encode()
    else:
        body, extra = answer[1].encode(), {}
    request.send_response(answer[0])
    for name, value in {"Content-Length": str(len(body)), **extra}.items():
        request.send_header(name, value)
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


def _act(
    service: FakeService,
    method: str,
    key: str,
    query: dict[str, list[str]],
    headers: dict[str, str],
    data: bytes,
) -> tuple[int, bytes, dict[str, str]]:
    if method == "PUT":
        return _put(service, key, headers, data)
    if method == "POST":
        return _batch_delete(service, data)
    if method == "GET" and not key:
        return 200, _listing(service, query), {"Content-Type": "application/xml"}
    if key not in service.objects:
        return 404, _error("NoSuchKey"), {}
    if method == "DELETE":
        del service.objects[key]
        return 204, b"", {}
    return _get(service.objects[key], headers)


def _put(service: FakeService, key: str, headers: dict[str, str], data: bytes) -> tuple[int, bytes, dict[str, str]]:
    absent = headers.get("if-none-match") == "*" or headers.get("x-goog-if-generation-match") == "0"
    if absent and service.conditions and key in service.objects:
        return 412, _error("PreconditionFailed"), {}
    service.objects[key] = data
    return 201, b"", _marks()


def _get(body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    if "range" not in headers:
        return 200, body, _marks()
    start, end = (int(one) for one in headers["range"].removeprefix("bytes=").split("-"))
    end = min(end, len(body) - 1)
    return 206, body[start : end + 1], {"Content-Range": f"bytes {start}-{end}/{len(body)}", **_marks()}


def _batch_delete(service: FakeService, data: bytes) -> tuple[int, bytes, dict[str, str]]:
    """Azure's client deletes in batches only: a multipart request, and a multipart reply in the same order."""
    parts = []
    for number, line in enumerate(re.findall(rb"DELETE (\S+) HTTP", data)):
        key = unquote(urlsplit(line.decode()).path).removeprefix(f"/{BUCKET}/")
        status = "202 Accepted" if service.objects.pop(key, None) is not None else "404 The blob is not there."
        parts.append(
            f"--batch\r\nContent-Type: application/http\r\nContent-ID: {number}\r\n\r\nHTTP/1.1 {status}\r\n"
            "x-ms-request-id: 1\r\n\r\n"
        )
    return 202, ("".join(parts) + "--batch--\r\n").encode(), {"Content-Type": "multipart/mixed; boundary=batch"}


def _marks() -> dict[str, str]:
    return {"ETag": '"1"', "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT", "x-goog-generation": "1"}


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>{code} it is</Message></Error>".encode()


def _listing(service: FakeService, query: dict[str, list[str]]) -> bytes:
    prefix = query.get("prefix", [""])[0]
    after = query.get("continuation-token", query.get("marker", [""]))[0]
    keys = [key for key in sorted(service.objects) if key.startswith(prefix) and key > after]
    page, more = keys[: service.page], len(keys) > service.page
    if "comp" in query:
        blobs = "".join(
            f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>Fri, 27 Nov 2026 10:00:00 GMT</Last-Modified>"
            f"<Content-Length>{len(service.objects[key])}</Content-Length><Content-Type>x</Content-Type><Etag>1</Etag>"
            "</Properties></Blob>"
            for key in page
        )
        marker = f"<NextMarker>{escape(page[-1])}</NextMarker>" if more else "<NextMarker />"
        return f"<EnumerationResults><Blobs>{blobs}</Blobs>{marker}</EnumerationResults>".encode()
    contents = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>2026-11-27T10:00:00.000Z</LastModified><ETag>1</ETag>"
        f"<Size>{len(service.objects[key])}</Size></Contents>"
        for key in page
    )
    token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
    truncated = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
    return f"<ListBucketResult>{truncated}{token}{contents}</ListBucketResult>".encode()
