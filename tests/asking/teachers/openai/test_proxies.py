"""Addresses that are reached through a proxy."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator

import pytest
from chats import asked
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai.served_models import served_model
from tracemill.settings.errors import UsageError


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_proxy_that_the_environment_names_is_used_but_where_it_says_not(monkeypatch):
    with ChatServer(Said("42")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        [reply] = asked("http://model.invalid/v1")
        assert reply.turn.content == "42" and proxy.seen[0].headers["Host"] == "model.invalid"
        monkeypatch.setenv("no_proxy", "model.invalid")
        [failed] = asked("http://model.invalid/v1", retries=0)
        assert "model.invalid" in str(failed) and len(proxy.seen) == 1
        with ChatServer(Said("41")) as here:
            [reply] = asked(here.url)
    assert reply.turn.content == "41"


def test_a_server_is_asked_for_its_model_through_the_proxy(monkeypatch):
    with ChatServer(Said("42")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
        assert served_model("http://model.invalid/v1") == "tiny"


class Refusing(socketserver.StreamRequestHandler):
    """A proxy that lets nobody through."""

    def handle(self):
        while (line := self.rfile.readline().strip()) != b"":
            self.server.heard.append(line)
        self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


@contextlib.contextmanager
def refusing() -> Iterator[tuple[int, list[bytes]]]:
    """Its port, and what it was sent."""
    with socketserver.TCPServer(("127.0.0.1", 0), Refusing) as server:
        server.heard = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1], server.heard
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_gets_its_password_and_no_error_shows_it(monkeypatch, scheme):
    with refusing() as (port, heard):
        monkeypatch.setenv("https_proxy", f"{scheme}me:pass%21word@127.0.0.1:{port}")
        [failed] = asked("https://model.invalid/v1", retries=0)
    assert b"Proxy-Authorization: Basic bWU6cGFzcyF3b3Jk" in heard  # me:pass!word
    said = f"{failed!r} {failed.__cause__!r}"
    assert f"407, message='Proxy Authentication Required', url='http://127.0.0.1:{port}'" in said
    assert "pass" not in said


def test_a_proxy_gets_its_password_for_plain_addresses_too(monkeypatch):
    with ChatServer(Said("42")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1").replace("//", "//me:pass%21word@"))
        [reply] = asked("http://model.invalid/v1")
    assert reply.turn.content == "42"
    assert proxy.seen[0].headers["Proxy-Authorization"] == "Basic bWU6cGFzcyF3b3Jk"


def test_a_proxy_that_is_no_address_is_refused_without_its_password(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://me:password@host:port")
    with pytest.raises(UsageError, match="variable https_proxy holds no address; write it as in http://host") as caught:
        asked("https://model.invalid/v1")
    assert "password" not in f"{caught.value} {caught.value.__cause__!r}"
