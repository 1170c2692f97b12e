"""One fetch of a key set: to a checked address, bounded in time and bytes. No redirects, cookies or proxies."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

import httpx2

from cds_hooks.chart.servers import Reach, Server, refused, server
from cds_hooks.chart.transport import Resolve, certificates, look_up

SECONDS = 2.0
MAX_BYTES = 64 * 1024


class KeysUnreachable(Exception):
    """A fetch that brought nothing; the message is ours and short."""


@dataclass(frozen=True, slots=True)
class Fetched:
    body: bytes
    cache_control: str = ""


async def fetch(url: str, reach: Reach, resolve: Resolve = look_up) -> Fetched:
    """The answer at `url`, whose host may only have addresses that `reach` allows. Raises KeysUnreachable."""
    try:
        async with asyncio.timeout(SECONDS):
            there = server(url.partition("?")[0])
            return await _from_either(url, there, await _addresses(there, reach, resolve))
    except TimeoutError:
        raise KeysUnreachable(f"no answer within {SECONDS:g} s") from None
    except (httpx2.HTTPError, OSError, ValueError) as wrong:
        raise KeysUnreachable(f"no connection ({type(wrong).__name__})") from None


async def _addresses(there: Server, reach: Reach, resolve: Resolve) -> list[str]:
    """Looked up once and checked; the connection goes to one of these and nowhere else."""
    try:
        ip_address(there.host)
        found = [there.host]
    except ValueError:
        found = await resolve(there.host, there.port)
    if refused(found, reach):
        raise KeysUnreachable("its address is not one that may be contacted; a private network needs allow_private_network")
    return found


async def _from_either(url: str, there: Server, addresses: list[str]) -> Fetched:
    """From the first address, or where nobody listens there from the last, which is often of the other kind of IP."""
    first, last = addresses[0], addresses[-1]
    if first != last:
        with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
            return await _asked(url, there, first, SECONDS / 2)
    return await _asked(url, there, last, SECONDS)


async def _asked(url: str, there: Server, address: str, connect: float) -> Fetched:
    headers = {"Host": there.netloc, "Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
    extensions = {"sni_hostname": there.host, "timeout": {"connect": connect}}
    request = httpx2.Request("GET", httpx2.URL(url).copy_with(host=address), headers=headers, extensions=extensions)
    async with httpx2.AsyncHTTPTransport(trust_env=False, verify=certificates()) as transport:
        response = await transport.handle_async_request(request)
        if response.status_code != 200:
            raise KeysUnreachable(f"the address answered {response.status_code}")
        return Fetched(await _body(response), response.headers.get("cache-control", ""))


async def _body(response: httpx2.Response) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > MAX_BYTES:
            raise KeysUnreachable(f"the answer is larger than {MAX_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
