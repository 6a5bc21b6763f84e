"""No test leaves this machine."""

import socket

import pytest

pytestmark = pytest.mark.once


class TestTheNetwork:
    # 192.0.2.0/24 is reserved for documentation (RFC 5737): if the guard fails, nobody is bothered.
    def test_refuses_an_address_elsewhere(self):
        with socket.socket() as endpoint, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
            endpoint.connect(("192.0.2.1", 443))

    def test_refuses_a_datagram(self):
        with socket.socket(type=socket.SOCK_DGRAM) as endpoint, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
            endpoint.sendto(b"hello", ("192.0.2.1", 53))

    def test_refuses_to_look_a_name_up(self):
        with pytest.raises(RuntimeError, match=r"example\.org"):
            socket.getaddrinfo("example.org", 443)

    def test_reaches_this_machine(self):
        with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
            pass
