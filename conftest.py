"""What holds for every test before it starts: nothing leaves this machine."""

import ipaddress
import socket
import sys
from typing import Any


class LeavesThisMachine(RuntimeError):
    """Some code tried to reach the network.

    Not an OSError: code that copes with a missing network must not swallow it.
    """


def refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse whatever Python is about to send to an address that is not loopback (PEP 578 audit events)."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        endpoint, address = arguments
        if endpoint.family in {socket.AF_INET, socket.AF_INET6} and address and not _is_loopback(address[0]):
            raise LeavesThisMachine(f"{event} to {address}")
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"} and not _is_loopback(arguments[0]):
        raise LeavesThisMachine(f"{event} of {arguments[0]}")


def _is_loopback(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


sys.addaudithook(refuse_other_machines)
