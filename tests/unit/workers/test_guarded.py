"""A webhook cannot be made to reach into the house: neither by its address, nor by what its name resolves to."""

from __future__ import annotations

import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from workers.guarded import GuardedBackend, Unreachable, allowed


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - looked at, not bound
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:53aa:64c:0:fbfe:80ff:fffe",
    ],
)
def test_private_addresses_in_any_disguise_are_refused(address: str) -> None:
    assert not allowed(ip_address(address), ())


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert allowed(ip_address(address), ())


def test_a_setting_opens_a_private_network_and_no_other() -> None:
    networks = (ip_network("10.0.0.0/8"),)
    assert allowed(ip_address("10.1.2.3"), networks)
    assert allowed(ip_address("::ffff:10.1.2.3"), networks)
    assert not allowed(ip_address("192.168.0.1"), networks)


def test_a_name_is_judged_by_what_it_resolves_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the first address is public and the second is not, only the public one is connected to."""
    answers: list[str] = []

    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in answers]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    backend = GuardedBackend((), plain=False, limit_s=1)
    answers[:] = ["127.0.0.1"]
    with pytest.raises(Unreachable, match="private"):
        backend.connect_tcp("innocent.example.com", 443)
    answers[:] = ["10.0.0.1", "93.184.215.14"]
    assert str(backend._resolve("innocent.example.com", 443)) == "93.184.215.14"


def test_plain_http_stays_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.215.14", 80))])
    with pytest.raises(Unreachable, match="https"):
        GuardedBackend((), plain=True, limit_s=1).connect_tcp("example.com", 80)


def test_a_name_that_does_not_resolve_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(Unreachable, match="resolved"):
        GuardedBackend((), plain=False, limit_s=1).connect_tcp("nowhere.example.com", 443)
