"""Connections to receivers of webhooks: only to addresses that may be reached, and only for so long.

A name is resolved here and the address that was checked is the one connected to, so that a name cannot point to a public
address when it is checked and to a private one when it is used. Proxies of the environment are not used, and redirects
are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: RFC 6052: the last four bytes are an IPv4 address.
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreachable(Exception):
    """An address that must not be connected to, or a receiver that took too long; the message says which."""


def allowed(address: Address, networks: Sequence[Network]) -> bool:
    """True for public addresses, and for private ones in `networks`."""
    inner = _embedded(address)
    if inner is not None:
        return allowed(inner, networks)
    if any(address.version == network.version and address in network for network in networks):
        return True
    return address.is_global and not address.is_multicast


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects for httpcore. `plain` says whether the connection will stay without TLS."""

    def __init__(self, networks: Sequence[Network], *, plain: bool, limit_s: float) -> None:
        self._networks = networks
        self._plain = plain
        self._deadline = monotonic() + limit_s
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = self._resolve(host, port)
        left = _left(self._deadline, timeout)
        stream = self._inner.connect_tcp(str(address), port, left, local_address, socket_options)
        return _TimedStream(stream, self._deadline)

    def _resolve(self, host: str, port: int) -> Address:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreachable("the receiver's name cannot be resolved; check the URL") from None
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        fit = [address for address in addresses if allowed(address, self._networks)]
        if not fit:
            raise Unreachable(
                "the receiver's address is private; CALLSCORE_WEBHOOK_NETWORKS names the private networks that may be sent to"
            )
        inside = any(fit[0].version == network.version and fit[0] in network for network in self._networks)
        if self._plain and not inside:
            raise Unreachable("a public receiver must be reached by https; http is for CALLSCORE_WEBHOOK_NETWORKS")
        return fit[0]


class _TimedStream(httpcore.NetworkStream):
    """A stream that ends at a moment: timeouts of single reads would let a receiver send a byte now and then for ever."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(left, timeout)
