"""The way a request came: by which name, from which address, and whether safe from listeners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from cds_hooks.errors import Refusal

HEALTH = frozenset({"/livez", "/readyz", "/startupz", "/metrics"})
"""Asked by whoever runs the service, over plain http and by any name."""
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+")


@dataclass(frozen=True, slots=True)
class Channel:
    """What the profile asks of the way. `proxies` are networks whose X-Forwarded headers are believed; this machine's are as well."""

    profile: str
    proxies: tuple[str, ...] = ()

    def refusal(self, scope: Scope) -> Refusal | None:
        """Why this request is not even looked at."""
        if self.profile == "sandbox":
            return None if names_loopback(scope) else Refusal("wrong-host", "The Host header names no loopback address.")
        if scope["path"] in HEALTH or self._is_safe(scope):
            return None
        return Refusal("insecure-transport", "The call came over plain http.")

    def address(self, scope: Scope) -> str:
        """Where the request comes from: the last address that is no proxy of ours."""
        peer = _peer(scope)
        hops = [peer, *map(_bare, reversed(_listed(scope, "x-forwarded-for")))]
        return next((each for each in hops if not _is_trusted(each, self.proxies)), peer)

    def comes_from_proxy(self, scope: Scope) -> bool:
        """Did the request come from a proxy that is listed, so that it can vouch for people? This machine alone vouches for nobody."""
        return _is_listed(_peer(scope), self.proxies)

    def comes_straight(self, scope: Scope) -> bool:
        """Did the request come from this machine or a listed address, and through no proxy that passes strangers on?"""
        headers = Headers(scope=scope)
        return _is_trusted(_peer(scope), self.proxies) and not any(each in headers for each in FORWARDED)

    def _is_safe(self, scope: Scope) -> bool:
        """Over TLS that ends here or at a trusted proxy, or without leaving this machine. A proxy's own word for plain http counts even on this machine."""
        said, peer = _listed(scope, "x-forwarded-proto"), _peer(scope)
        if scope["scheme"] == "https":
            return True
        if said and _is_trusted(peer, self.proxies):
            return all(each.casefold() == "https" for each in said)
        return is_loopback(peer)


@lru_cache(maxsize=256)
def _is_trusted(address: str, proxies: tuple[str, ...]) -> bool:
    try:
        return ip_address(address).is_loopback or _is_listed(address, proxies)
    except ValueError:
        return False


@lru_cache(maxsize=256)
def _is_listed(address: str, proxies: tuple[str, ...]) -> bool:
    try:
        return any(ip_address(address) in ip_network(each) for each in proxies)
    except ValueError:
        return False


def names_loopback(scope: Scope) -> bool:
    hosts = Headers(scope=scope).getlist("host")
    try:
        return bool(hosts) and all(is_loopback(urlsplit(f"//{host}").hostname or "") for host in hosts)
    except ValueError:
        return False


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _peer(scope: Scope) -> str:
    return _bare(str(scope["client"][0])) if scope.get("client") else ""


@lru_cache(maxsize=256)
def _bare(address: str) -> str:
    """The address without the port that some proxies add, and IPv4 as such where a socket for both kinds wraps it."""
    port = _WITH_PORT.fullmatch(address)
    alone = port[1] or port[2] if port else address
    try:
        found = ip_address(alone)
    except ValueError:
        return alone
    return str(found.ipv4_mapped or found) if isinstance(found, IPv6Address) else alone


def _listed(scope: Scope, header: str) -> list[str]:
    """The values of a header that proxies append to, however many times it stands."""
    return [each.strip() for value in Headers(scope=scope).getlist(header) for each in value.split(",") if each.strip()]
