"""A Hub on loopback: as much of its HTTP pages as `huggingface_hub` 2.4 and `datasets` 5.2 ask for.

    with HubServer() as hub:
        hub.add("me/x", {"README.md": b"# x", "data/train.parquet": shard})
        ...                              # `client.py`: lets the libraries ask it, here or in another process
        hub.repositories["me/x"].head.files

Spoken: who one is, repositories made and looked at, trees, files (with ranges; large ones by a redirect to another
origin, as by the Hub's network of caches), what is to be uploaded how, LFS batches and uploads in one or several parts,
commits with a parent, branches, tags, history, limits of rates. Not spoken: Xet, whose client is compiled and talks to
a service of its own; `HF_HUB_DISABLE_XET=1` switches it off, and `client.py` does so.

It misbehaves as it is told: see `Trouble`.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from hub.pages import PAGES, Answer, Asked, refused
from hub.repository import ATTRIBUTES, Repository, RepositoryCommit

TOKEN = "hf_test_write"
READ_TOKEN = "hf_test_read"


@dataclass
class Trouble:
    """What goes wrong with requests of a `method` whose path matches `path` (a regular expression, searched).

    The first `skip` of them go well, then `times` go wrong. `status`, with `headers` and `message`: that is the answer,
    and nothing is done. `lost`: it is done, and the connection closed without an answer. `cut`: the connection is
    closed after so many bytes of the body. `pause`: seconds that it waits before. `first`: called before it is looked
    at, such as for somebody else's commit; without any of the others the request then goes its way. `last`: called
    when it is done, before the connection is closed without an answer.
    """

    method: str
    path: str
    times: int = 1
    skip: int = 0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "trouble"
    lost: bool = False
    cut: int | None = None
    pause: float = 0
    first: Callable[[], Any] | None = None
    last: Callable[[], Any] | None = None
    met: int = 0

    def meets(self, method: str, path: str) -> bool:
        if method != self.method or not re.search(self.path, path):
            return False
        self.met += 1
        return self.skip < self.met <= self.skip + self.times


@dataclass(frozen=True)
class Seen:
    """A request: `status` is None where it got no answer."""

    method: str
    path: str
    status: int | None
    headers: Mapping[str, str]


class HubServer:
    """`users`: by token, who it is and whether it may write. `organisations`: of each user. `page`: entries of a tree
    at once. `part`: bytes above which a large file is uploaded in parts.

    `seen`: every request. `heads`: every commit that became a head of a branch, in order, as (repository, branch, id).
    """

    def __init__(self, troubles: Sequence[Trouble] = ()) -> None:
        self.users = {TOKEN: ("me", True), READ_TOKEN: ("me", False), "hf_test_other": ("other", True)}
        self.organisations: dict[str, list[str]] = {"me": ["team"]}
        self.repositories: dict[str, Repository] = {}
        self.troubles = list(troubles)
        self.page = 1000
        self.part = 8 << 20
        self.parts: dict[tuple[str, int], bytes] = {}
        self.seen: list[Seen] = []
        self.heads: list[tuple[str, str, str]] = []
        self.lock = threading.RLock()
        self.endpoint = self.caches = ""
        self._servers: list[ThreadingHTTPServer] = []

    def __enter__(self) -> HubServer:
        self.endpoint, self.caches = (self._serve() for _ in range(2))
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _serve(self) -> str:
        handler = type("Handler", (_Handler,), {"hub": self})
        server = _Server(("127.0.0.1", 0), handler)
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def repository(self, id: str, **settings: Any) -> Repository:
        """A new one, as the Hub makes it: with one commit that has `.gitattributes` only."""
        made = Repository(id, **settings)
        self.repositories[id] = made
        self.note(made, "main", made.commit({".gitattributes": ATTRIBUTES}, "initial commit", author=made.owner))
        return made

    def add(self, id: str, files: Mapping[str, bytes | None], title: str = "Add files", **settings: Any) -> str:
        """Somebody's commit on `main`, of a repository that is made where there is none; the commit's id."""
        with self.lock:
            there = self.repositories.get(id) or self.repository(id, **settings)
            return self.note(there, "main", there.commit(files, title, author=there.owner)).oid

    def note(self, repository: Repository, branch: str, commit: RepositoryCommit) -> RepositoryCommit:
        self.heads.append((repository.id, branch, commit.oid))
        return commit

    def files(self, id: str, revision: str = "main") -> Mapping[str, bytes]:
        commit = self.repositories[id].at(revision)
        assert commit is not None
        return commit.files

    def asked(self, method: str, path: str) -> list[Seen]:
        """The requests that matched."""
        return [one for one in self.seen if one.method == method and re.search(path, one.path)]


class _Server(ThreadingHTTPServer):
    """Clients that are killed in the middle of a request are what tests are about: nothing is said of them."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: HubServer

    def log_message(self, *arguments: Any) -> None:
        return

    def handle_any(self) -> None:
        try:
            self._answer()
        except ConnectionError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any

    def _answer(self) -> None:
        hub, path = self.hub, urlsplit(self.path).path
        with hub.lock:
            trouble = next((one for one in hub.troubles if one.meets(self.command, path)), None)
        if trouble is not None:
            time.sleep(trouble.pause)
            if trouble.first is not None:
                trouble.first()
            if trouble.cut is not None:
                self.rfile.read(min(trouble.cut, int(self.headers.get("Content-Length") or 0)))
                self._hang_up()
                return
        body = self._body()
        if trouble is not None and trouble.status is not None:
            self._send(refused(trouble.status, trouble.message, trouble.headers))
            return
        answer = self._found(body)
        if trouble is not None and trouble.lost:
            if trouble.last is not None:
                trouble.last()
            self._hang_up()
            return
        self._send(answer)

    def _found(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if bearer and bearer not in self.hub.users:
            return refused(401, "Invalid credentials in Authorization header")
        user, writes = self.hub.users.get(bearer, ("", False))
        for method, pattern, page in PAGES:
            found = re.fullmatch(pattern, parts.path)
            if found and method in (self.command, "GET" if self.command == "HEAD" else self.command):
                names = {name: unquote(value) if value else "" for name, value in found.groupdict().items()}
                asked = Asked(names, parse_qs(parts.query), body, dict(self.headers), user, writes)
                with self.hub.lock:
                    return page(self.hub, asked)
        return refused(404, f"no page {self.command} {parts.path}")

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            if len(body := self.rfile.read(length)) < length:
                raise ConnectionError("who asked has gone")
            return body
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, answer: Answer) -> None:
        content = answer.content if isinstance(answer.content, bytes) else json.dumps(answer.content).encode()
        kind = "application/octet-stream" if isinstance(answer.content, bytes) else "application/json"
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "X-Request-Id": f"request-{len(self.hub.seen)}",
            "RateLimit": '"api";r=900;t=100',
            "RateLimit-Policy": '"fixed window";"api";q=1000;w=300',
            **answer.headers,
        }
        self._note(answer.status)
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _hang_up(self) -> None:
        self._note(None)
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _note(self, status: int | None) -> None:
        self.hub.seen.append(Seen(self.command, self.path, status, dict(self.headers)))
