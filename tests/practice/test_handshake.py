"""Asking a web server how it agrees on keys, without taking part in it."""

import socket
import threading

import pytest

from practice.handshake import X25519, X25519MLKEM768, ask_for_group

pytestmark = pytest.mark.once

# What OpenSSL 4.0.3 answered to our hello: a HelloRetryRequest, and a change of cipher for the sake of old boxes.
ANSWER = bytes.fromhex(
    "1603030058020000540303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c20ce88cb0803159f8abe1f1f9f75"
    "990a934489b12cb40a7d3e5f95ae0e0f12de45130100000c002b000203040033000211ec140303000101"
)
CLASSICAL = ANSWER.replace(bytes.fromhex("0033000211ec"), bytes.fromhex("00330002001d"))
HELLO_OF_ITS_OWN = ANSWER.replace(bytes.fromhex("cf21ad74"), bytes.fromhex("00000000"))
NO_GROUP = ANSWER.replace(bytes.fromhex("0033000211ec"), bytes.fromhex("ff33000211ec"))
ALERT = bytes.fromhex("15030300020228")


@pytest.fixture
def server():
    """A server that says one thing and hangs up; what it was asked is kept."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer(message):
            def serve():
                connection, _ = listening.accept()
                with connection:
                    asked.append(connection.recv(4096))
                    connection.sendall(message)

            threading.Thread(target=serve, daemon=True).start()
            return listening.getsockname()[1]

        yield answer, asked


@pytest.mark.parametrize(
    ("message", "group"),
    [
        (ANSWER, X25519MLKEM768),
        (CLASSICAL, X25519),
        (HELLO_OF_ITS_OWN, None),
        (NO_GROUP, None),
        (ALERT, None),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", None),
        (b"", None),
    ],
)
def test_tells_the_group_or_that_it_cannot(server, message, group):
    answer, asked = server
    assert ask_for_group("127.0.0.1", answer(message)) == group
    # Both groups are offered, the hybrid one first, and no key share with them.
    assert bytes.fromhex("000a0006000411ec001d") in asked[0]
    assert asked[0].endswith(bytes.fromhex("003300020000"))


def test_of_nobody_is_none():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert ask_for_group("127.0.0.1", port) is None
