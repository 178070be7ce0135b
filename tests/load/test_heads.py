"""Heads of answers that are known by heart mean what the parser would say of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.aura import Response
from simulator.load.answers import parsed
from simulator.load.heads import Heads

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id: a\r\n\r\n{}"


def learnt(answer: bytes, now_s: float = 0.0) -> Heads:
    """Return what one answer teaches."""
    heads = Heads()
    heads.learn(answer, parsed([answer]), now_s)
    return heads


def test_a_whole_answer_is_learnt() -> None:
    (head,) = learnt(OK).known.values()

    assert head.size == len(OK)
    assert head.status == 200
    assert head.headers["x-id"] == "a"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2",
    ],
    ids=["no length", "no body though it has a length", "hints first", "chunks", "half a head"],
)
def test_what_is_not_one_answer_with_its_length_is_not_learnt(answer: bytes) -> None:
    assert learnt(answer).known == {}


def test_what_was_learnt_is_bounded() -> None:
    heads = Heads()
    for number in range(1000):
        answer = b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 0\r\n\r\n" % number
        heads.learn(answer, parsed([answer]), 0.0)

    assert 0 < len(heads.known) <= 256


def test_heads_that_are_all_different_are_not_learnt_all_the_time() -> None:
    heads = learnt(OK, now_s=5.0)

    assert not heads.may_learn(5.001)
    assert heads.may_learn(5.02)


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_any_head_that_is_learnt_is_of_one_whole_answer(lines: bytes, body: bytes) -> None:
    """Whatever a server writes there: the answer is cut where the parser cuts it."""
    answer = b"HTTP/1.1 200 OK\r\n" + lines + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    read: Response = parsed([answer])

    for head in learnt(answer).known.values():
        assert head.size == len(answer)
        end = answer.find(b"\r\n\r\n") + 4
        assert answer[end:] == read.body
