"""Which URLs and addresses a webhook may go to (RELIABILITY S8; OWASP API7:2023).

An address is good if it lies in the global unicast space and in none of the ranges below. Names are checked
for form only: what a name leads to is checked when it is resolved, at every attempt, and the connection goes
to the address that was checked (`sinks.webhooks.connecting`).
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = frozenset({443, 8443})
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.IGNORECASE)
# A name whose last label is a number is an IPv4 address to browsers and to inet_aton, in whatever notation.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)

_REFUSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # a global address on which a cloud serves its virtual machines their secrets
    )
)  # fmt: skip
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
# Tunnels and translations, whose last bits may hold any IPv4 address, and what is not routed.
_REFUSED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)


class UrlRefused(ValueError):
    """The URL cannot be an endpoint; the text says why."""


class AddressRefused(OSError):
    """A name leads, or may lead, where no webhook goes. An OSError, as every other failure to connect."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is allowed. `private` is for local development and tests only: http, any port, any address."""

    private: bool = False


def check_url(url: str, rules: Rules) -> None:
    """UrlRefused unless the URL has the form of an endpoint; AddressRefused for an address as host."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise UrlRefused("the URL holds blanks, control characters, backslashes or letters beyond ASCII")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise UrlRefused(f"not a URL: {error}") from error
    if parts.scheme != "https" and not (rules.private and parts.scheme == "http"):
        raise UrlRefused("the URL has to begin with https://")
    if "@" in parts.netloc:
        raise UrlRefused("the URL holds a user or a password")
    if "#" in url:
        raise UrlRefused("the URL holds a fragment")
    if port not in PORTS | {None} and not rules.private:
        raise UrlRefused("the port is neither 443 nor 8443")
    _check_host(host, rules, bracketed="[" in parts.netloc)


def _check_host(host: str, rules: Rules, *, bracketed: bool) -> None:
    if bracketed:
        check_address(host, rules)
        return
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if not _is_dotted(host):
            raise UrlRefused("the host is a number, but not an IPv4 address of four decimal parts")
        check_address(host, rules)
    elif len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused("the host is not a name; write names beyond ASCII in punycode")
    elif len(labels) == 1 and not rules.private:
        raise UrlRefused("the host has no domain")


def _is_dotted(host: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def check_address(text: str, rules: Rules) -> None:
    """AddressRefused unless the address is one that anybody on the internet could be reached at."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise AddressRefused(f"{text!r} is not an address") from error
    if not rules.private and not _is_public(address):
        raise AddressRefused("the endpoint leads to an address that is not on the public internet")


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _REFUSED_V4)
    if address.scope_id is not None or address not in _GLOBAL_V6:
        return False
    return not any(address in network for network in _REFUSED_V6)
