"""
Calls to addresses that users enter. The name is resolved, every address it has is checked, and the call goes to the checked
address itself: nothing that changes in between, no redirect and no odd spelling leads into the own network.
"""

import ipaddress
import json
import os
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from huitou.connectors.webhooks import signature

PORTS = frozenset({443, 8443})
TIMEOUT_SECONDS = 10.0
_LARGEST_ANSWER = 64 << 10
_LARGEST_JSON = 16 << 20

Resolve = Callable[[str, int], list[str]]


class OutboundRefused(Exception):
    """The address may not be called, or did not answer; the message says why."""


def resolve_host(host: str, port: int) -> list[str]:
    """Return every address of a host. Raises OutboundRefused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundRefused(f"{host} has no address") from error
    return sorted({str(entry[4][0]) for entry in found})


def address_check(url: str, *, resolve: Resolve = resolve_host) -> tuple[SplitResult, str]:
    """
    Return the parts of a URL and the address to connect to. Raises OutboundRefused.

    https on an allowed port, no credentials, and not one of the host's addresses private, local, reserved, multicast or an
    IPv4 one in IPv6 clothes.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError as error:
        raise OutboundRefused("the address cannot be read") from error
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or parts.password is not None:
        raise OutboundRefused("the address must be https://host/... without user and password")
    if port not in PORTS:
        raise OutboundRefused(f"port {port} is not allowed")
    if any(mark.isspace() or not mark.isprintable() or mark == "\\" for mark in url):
        raise OutboundRefused("the address holds blanks or control characters")
    addresses = resolve(parts.hostname, port)
    if not addresses:
        raise OutboundRefused("the host has no address")
    for address in addresses:
        if not _is_public(address):
            raise OutboundRefused("the host leads into a private or reserved network")
    return parts, addresses[0]


def host_check(host: str, port: int, *, resolve: Resolve = resolve_host) -> str:
    """
    Return the address to connect to for a source that an administrator entered. Raises OutboundRefused.

    Public addresses, and private ones only of hosts or networks that HUITOU_SOURCE_HOSTS names ("db.shop.local,10.2.0.0/16"):
    whoever may type an address must not reach what only this machine may reach.
    """
    addresses = resolve(host, port)
    if not addresses:
        raise OutboundRefused("the host has no address")
    named = [entry.strip() for entry in os.environ.get("HUITOU_SOURCE_HOSTS", "").split(",") if entry.strip()]
    for address in addresses:
        if host not in named and not _is_public(address) and not _in_networks(address, named):
            raise OutboundRefused("the host leads into a private or reserved network; name it in HUITOU_SOURCE_HOSTS")
    return addresses[0]


def _in_networks(text: str, named: Sequence[str]) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    for entry in named:
        try:
            if address in ipaddress.ip_network(entry):
                return True
        except ValueError:
            continue  # a host's name
    return False


def get_json(
    url: str,
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    resolve: Resolve = resolve_host,
    transport: httpx.BaseTransport | None = None,
) -> Any:
    """
    GET a URL that an administrator entered, from the checked address itself, and return its JSON; redirects are not followed.

    https, or http to hosts that HUITOU_SOURCE_HOSTS names. Raises OutboundRefused: not allowed, no answer, not 200, larger than
    16 MB, no JSON.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    named = host in os.environ.get("HUITOU_SOURCE_HOSTS", "").split(",")
    if parts.scheme != "https" and not (parts.scheme == "http" and named):
        raise OutboundRefused("the address must begin with https://")
    if not host or parts.username is not None or parts.password is not None:
        raise OutboundRefused("the address must be https://host/... without user and password")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = host_check(host, port, resolve=resolve)
    base = httpx.URL(scheme=parts.scheme, host=address, port=port, raw_path=_path(parts))
    told = {**headers, "Host": host if parts.port is None else f"{host}:{port}", "Accept": "application/json"}
    try:
        with (
            httpx.Client(verify=_tls(), timeout=TIMEOUT_SECONDS, trust_env=False, transport=transport) as client,
            client.stream("GET", base.copy_merge_params(dict(query)), headers=told, extensions={"sni_hostname": host}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise OutboundRefused(f"{host} answers {answer.status_code}")
            content = b""
            for block in answer.iter_bytes(1 << 16):
                content += block
                if len(content) > _LARGEST_JSON:
                    raise OutboundRefused(f"{host} answers with more than 16 MB: ask for smaller pages")
    except httpx.HTTPError as error:
        raise OutboundRefused(f"{host} did not answer: {type(error).__name__}") from error
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OutboundRefused(f"{host} answers with something that is not JSON") from error


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None or address in _NAT64:
            return False  # IPv4 in IPv6 clothes: nobody needs it, everybody tries it
    return address.is_global and not address.is_multicast and not address.is_reserved


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post_signed(
    url: str,
    *,
    secret: str,
    body: bytes,
    now: datetime,
    resolve: Resolve = resolve_host,
    transport: httpx.BaseTransport | None = None,
) -> int:
    """
    POST a signed JSON body (X-Huitou-Timestamp, X-Huitou-Signature) and return the HTTP status; redirects are not followed.

    Raises OutboundRefused when the address is not allowed or nobody answers in time. transport: for tests.
    """
    parts, address = address_check(url, resolve=resolve)
    host = parts.hostname or ""
    port = parts.port or 443
    stamp = int(now.timestamp())
    shown = f"[{address}]" if ":" in address else address
    target = httpx.URL(scheme="https", host=shown.strip("[]"), port=port, raw_path=_path(parts))
    headers = {
        "Host": host if port == 443 else f"{host}:{port}",
        "Content-Type": "application/json",
        "User-Agent": "huitou-webhook",
        "X-Huitou-Timestamp": str(stamp),
        "X-Huitou-Signature": signature(secret, stamp, body),
    }
    try:
        with (
            httpx.Client(verify=_tls(), timeout=TIMEOUT_SECONDS, trust_env=False, transport=transport) as client,
            client.stream("POST", target, content=body, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            for _taken, _block in zip(range(_LARGEST_ANSWER >> 10), answer.iter_bytes(1 << 10), strict=False):
                pass  # the receiver may see its answer read, but cannot make us read for ever
            return answer.status_code
    except httpx.HTTPError as error:
        raise OutboundRefused(f"{host} did not answer: {type(error).__name__}") from error


def _path(parts: SplitResult) -> bytes:
    path = parts.path or "/"
    return (f"{path}?{parts.query}" if parts.query else path).encode("ascii", "ignore")
