"""Endpoints whose replies cannot be used: they answer at once, and must not draw the requests of the others."""

from __future__ import annotations

import pytest
from chats import asked, call
from servers.chat_server import ChatServer, Said
from tracemill.asking.teachers.openai import retrying
from tracemill.asking.teachers.openai.endpoints import UNUSABLE, Endpoints

CALLS = [call(f"What is 6 times {number}?") for number in range(200)]


@pytest.mark.parametrize(
    "said", [Said(raw=b"{}"), Said(raw=b"no JSON"), Said(status=400), Said(""), Said("42", finish="banana")]
)
def test_an_endpoint_that_gives_nothing_usable_is_left_for_one_that_does(said, monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_SECONDS", 60.0)
    with ChatServer(Said("42", pause=0.01)) as good, ChatServer(said) as bad:
        replies = asked(good.url, bad.url, calls=CALLS[:1]) + asked(good.url, bad.url, calls=CALLS)
        failed = sum(isinstance(one, Exception) for one in replies)
    assert failed == len(bad.seen) and len(good.seen) >= 1


def test_what_is_unusable_everywhere_leaves_no_endpoint_alone():
    """Problems that no model can take are rows that say so, and slow nothing down."""
    endpoints = Endpoints(["http://a", "http://b"])
    for _ in range(3 * UNUSABLE):
        for one in endpoints.all:
            endpoints.note_reply(one.index, False, 5.0)
    assert [one.ready_at for one in endpoints.all] == [0.0, 0.0]


def test_so_many_unusable_replies_in_a_row_are_enough_and_a_usable_one_starts_anew():
    endpoints = Endpoints(["http://a", "http://b"])
    endpoints.note_reply(0, True, 5.0)
    for usable in [False] * (UNUSABLE - 1) + [True] + [False] * (UNUSABLE - 1):
        endpoints.note_reply(1, usable, 5.0)
    assert endpoints.all[1].ready_at == 0.0
    endpoints.note_reply(1, False, 5.0)
    assert endpoints.all[1].ready_at > 5.0
