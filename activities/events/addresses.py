"""Where events may go: to public addresses, over TLS, to the very one that was looked at."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

import httpcore2


class NotAllowed(Exception):
    """Nothing may be posted there. The text says why, and is no secret."""


def check_url(url: str, *, anywhere: bool) -> None:
    """Refuse an address that nothing may be posted to, as far as it shows by itself.

    Args:
        url: of a consumer.
        anywhere: on a developer's machine, also without TLS and inside.

    Raises:
        NotAllowed: see its text.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise NotAllowed("that is no address") from None
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\@#"):
        raise NotAllowed("an address has no user, no fragment, and no letter beyond ASCII")
    if parts.scheme not in ("https", "http") or not host:
        raise NotAllowed("an address begins with https://")
    if parts.scheme == "http" and not anywhere:
        raise NotAllowed("an address begins with https:// outside development")
    if not anywhere and _literal(host) is not None:
        check_ip(host)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check_ip(address: str) -> None:
    """Refuse what is not an address of the public Internet.

    Args:
        address: as it was resolved; an IPv6 address may carry its zone.

    Raises:
        NotAllowed: it is private, of this machine, of the link, or of no single machine.
    """
    ip = ipaddress.ip_address(address.split("%", 1)[0])
    inner = _carried(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    site = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    to = inner or ip
    if site or not to.is_global or to.is_multicast or to.is_reserved:
        raise NotAllowed("the address is not a public one")


NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to, if it is of that kind."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to the address it has looked at: no name means another one a moment later."""

    def __init__(
        self, *, anywhere: bool, network: httpcore2.AsyncNetworkBackend | None = None
    ) -> None:
        """Stand in front of a network.

        Args:
            anywhere: on a developer's machine.
            network: what connects; None: sockets.
        """
        self._anywhere = anywhere
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of a name, all of which must be public.

        Raises:
            NotAllowed: one of them is not.
            httpcore2.ConnectError: it has none, or does not answer.
        """
        found = await resolve(host, port)
        for address in () if self._anywhere else found:
            check_ip(address)
        failed: Exception = httpcore2.ConnectError()
        for address in found:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    async def sleep(self, seconds: float) -> None:
        """Wait, for the library."""
        await self._network.sleep(seconds)


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host.

    Raises:
        httpcore2.ConnectError: it has none.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore2.ConnectError from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))
