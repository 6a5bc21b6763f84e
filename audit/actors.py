"""Who acts, from where, upon what, as far as the log needs to know. Higher layers bring the real ones."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

_PREFIX_LENGTHS = {4: 24, 6: 48}
_PHONE = re.compile(r"Mobi|Android|iPhone|iPad")


@dataclass(frozen=True)
class Origin:
    """Where a request came from, no closer than a network: a full address would follow a person home.

    :param req: the request's own id
    :param net: network prefix, /24 or /48, empty if there is none
    :param device: ``phone``, ``computer`` or empty
    """

    req: str = ""
    net: str = ""
    device: str = ""

    def __post_init__(self) -> None:
        if self.net and self.net != network_prefix(self.net.split("/")[0]):
            raise ValueError("an origin is a network prefix, never an address")


class Acting(Protocol):
    """Somebody whose acts are recorded."""

    @property
    def audit_id(self) -> str:
        """``u_<uuid>``, empty for nobody in particular."""

    @property
    def role(self) -> str: ...
    @property
    def session_handle(self) -> str: ...
    @property
    def origin(self) -> Origin: ...


class Target(Protocol):
    """Something acted upon: a type such as ``notes.note``, its id, and the client it is about."""

    @property
    def audit_type(self) -> str: ...
    @property
    def audit_uuid(self) -> UUID: ...
    @property
    def audit_handle(self) -> bytes | None:
        """The client's log handle, 16 random bytes; none if the thing is about no client."""


@dataclass(frozen=True)
class Nobody:
    """A visitor who has not signed in."""

    origin: Origin
    audit_id: str = ""
    role: str = "nobody"
    session_handle: str = ""


@dataclass(frozen=True)
class System:
    """The application itself: a command at the terminal, or a clock."""

    origin: Origin = Origin()
    audit_id: str = ""
    role: str = "system"
    session_handle: str = ""


@dataclass(frozen=True)
class Named:
    """A thing by its name alone, such as a record that was asked for and may not even exist."""

    audit_type: str
    audit_uuid: UUID
    audit_handle: bytes | None = None


def network_prefix(address: str) -> str:
    """Cut an address down to its network, /24 for IPv4 and /48 for IPv6; empty for what is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, _PREFIX_LENGTHS[parsed.version]), strict=False))


def device_family(user_agent: str) -> str:
    """Tell ``phone`` from ``computer``, and no more; empty when the browser does not say."""
    if not user_agent:
        return ""
    return "phone" if _PHONE.search(user_agent) else "computer"
