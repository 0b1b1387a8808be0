# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTTP as bytes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from ansible_collections.mimsync.sharepoint.lab.wsman.http import HttpProblem, HttpReader, response
from hypothesis import given
from hypothesis import strategies as st

REQUEST = b"POST /wsman HTTP/1.1\r\nHost: one\r\nContent-Length: 5\r\nAuthorization: NTLM abc\r\n\r\nhello"


def test_a_whole_request_is_read() -> None:
    found = HttpReader(100).feed(REQUEST)
    assert [(each.method, each.target, each.body, each.headers["authorization"]) for each in found] == [("POST", "/wsman", b"hello", "NTLM abc")]


def test_byte_by_byte_gives_the_same() -> None:
    reader = HttpReader(100)
    found = [request for place in range(len(REQUEST)) for request in reader.feed(REQUEST[place : place + 1])]
    assert found == HttpReader(100).feed(REQUEST)


@given(st.lists(st.integers(0, 2 * len(REQUEST)), max_size=8))
def test_two_requests_cut_anywhere_give_the_same(cuts: list[int]) -> None:
    data, reader = REQUEST * 2, HttpReader(100)
    places = [0, *sorted(cuts), len(data)]
    found = [request for start, end in pairwise(places) for request in reader.feed(data[start:end])]
    assert found == HttpReader(100).feed(data)
    assert len(found) == 2


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"POST /wsman HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"POST /wsman HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /wsman HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 413),
        (b"POST /wsman HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST /wsman HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"x" * 70000, 400),
    ],
)
def test_fail_what_is_no_request(data: bytes, status: int) -> None:
    with pytest.raises(HttpProblem) as caught:
        HttpReader(100).feed(data)
    assert caught.value.status == status


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        HttpReader(100).feed(data)
    except HttpProblem as problem:
        assert problem.status in (400, 413)


def test_a_response_names_its_length() -> None:
    head, _unused, body = response(401, b"no", headers=[("WWW-Authenticate", "NTLM")]).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"Content-Length: 2" in head
    assert body == b"no"
