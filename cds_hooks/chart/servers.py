"""Which FHIR servers may be asked, and at which addresses: everything else is never contacted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urljoin, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN_LABEL = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_PLAIN_HOST = re.compile(rf"{_PLAIN_LABEL}(\.{_PLAIN_LABEL})*")
_NUMBER = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")
"""A name that ends in a number is an address in one of its odd spellings: only the plain one is taken."""
_PLAIN_ORIGIN = re.compile(r"(\[[^\[\]]+\]|[^\[\]:]+)(:[0-9]+)?")
_PLAIN_URL = re.compile(r"[!-~]{1,4000}")
"""Printable ASCII without blanks: everything else is read differently by different programs."""
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]+)*")
_DOTS = frozenset({".", ".."})

NEVER = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "169.254.0.0/16",  # link-local, and the metadata service of most clouds
            "100.100.100.200/32",  # metadata service of one cloud, inside the shared range
            "192.0.0.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "224.0.0.0/4",
            "240.0.0.0/4",
            "fd00:ec2::/32",  # metadata service over IPv6
            "168.63.129.16/32",  # platform service of one cloud
            "fd20:ce::254/128",
            "fe80::/10",
            "ff00::/8",
            "64:ff9b::/96",  # NAT64: an IPv4 address in disguise
            "64:ff9b:1::/48",
            "2001::/32",  # Teredo
            "2002::/16",  # 6to4
            "::/128",
        ),
    )
)
"""Addresses that no FHIR server has. RFC 6890 and its registries; the metadata addresses are the clouds' own."""
SHARED = ip_network("100.64.0.0/10")
GLOBAL_IPV6 = ip_network("2000::/3")
"""All that is handed out as global unicast (RFC 4291 and IANA's registry); Python calls much of the rest global too."""


class NotAServer(ValueError):
    """A URL that is no plain base address of a FHIR server; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A FHIR base URL in one spelling: lower-case scheme and host, the port always said, no slash at the end of the path."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def base(self) -> str:
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def is_under(self, other: Server) -> bool:
        """The same origin, and a path that is the other's or goes on from it."""
        return self.origin == other.origin and f"{self.path}/".startswith(f"{other.path}/")

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    def page(self, link: str, current: str) -> str | None:
        """The URL of a further page, or None when the link leaves this server or is not in plain spelling."""
        if not _PLAIN_URL.fullmatch(link) or "#" in link:
            return None
        try:
            url = urljoin(current, link)
            there = server(url.partition("?")[0])
        except ValueError:
            return None
        return url if there.is_under(self) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What one caller may have read: the servers listed for it, and which kinds of address they may have."""

    servers: tuple[Server, ...] = ()
    loopback_unlisted: bool = False
    anywhere: bool = False
    private_network: bool = False
    plain_http: bool = True

    def find(self, url: str) -> Server | None:
        """The server at `url` when this caller may have it read. Raises NotAServer when `url` is no plain base address."""
        wanted = server(url)
        if wanted.scheme == "http" and not self.plain_http:
            return None
        listed = any(wanted.is_under(each) for each in self.servers)
        return wanted if self.anywhere or listed or (self.loopback_unlisted and names_loopback(wanted.host)) else None

    def allows(self, address: str) -> bool:
        """May a connection be made to this resolved address?"""
        loopback = self.anywhere or self.loopback_unlisted or self.private_network
        return is_allowed(address, loopback=loopback, private=self.anywhere or self.private_network)


NOWHERE = Reach()


def shown(url: str) -> str:
    """An address as it was typed, without what may be a secret in it: all before an @, such as a password with a slash in it, the query and the fragment."""
    return re.sub(r"^(\w+://)?.*@|[?#].*", r"\1", url, flags=re.DOTALL)


def server(url: str) -> Server:
    """Reads a base URL. Raises NotAServer for anything with a user, a query, a fragment, dot segments or percent-encoding."""
    try:
        parts = urlsplit(url.strip())
        port = DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise NotAServer("it is not a URL") from None
    host, path = (parts.hostname or "").lower(), parts.path.rstrip("/")
    if parts.scheme not in DEFAULT_PORTS or not host or not port:
        raise NotAServer("it is not an http or https address")
    if parts.username is not None or parts.password is not None or "?" in url or "#" in url:
        raise NotAServer("it has a user, a query or a fragment")
    plain = (
        _PLAIN_URL.fullmatch(url.strip()),
        _PLAIN_ORIGIN.fullmatch(parts.netloc),
        _is_address(host) or (_PLAIN_HOST.fullmatch(host) and not _NUMBER.fullmatch(host)),
        _PLAIN_PATH.fullmatch(path),
    )
    # A segment's parameters are cut off before comparing: some servers read "..;x" as "..".
    if not all(plain) or any(each.partition(";")[0] in _DOTS for each in path.split("/")):
        raise NotAServer("its host or path is not in plain spelling")
    return Server(parts.scheme, host, port, path)


def names_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def is_allowed(address: str, *, loopback: bool, private: bool) -> bool:
    """Public addresses always; loopback and private ones only where asked for; disguised, link-local and multicast ones never."""
    try:
        found = _unwrapped(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if any(found in network for network in NEVER if network.version == found.version):
        return False
    if found.is_loopback:
        return loopback
    if found.is_private or (found.version == 4 and found in SHARED):
        return private
    return found.is_global and (found.version == 4 or found in GLOBAL_IPV6)


def refused(addresses: Iterable[str], reach: Reach) -> bool:
    """One address that is not allowed spoils the name: the next look-up might bring it first."""
    found = list(addresses)
    return not found or not all(map(reach.allows, found))


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if int(address) >> 32 == 0 and int(address) > 1:  # the old 'compatible' form
            return IPv4Address(int(address))
    return address


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
