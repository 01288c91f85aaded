"""Where events may go: nowhere inside, whatever a name says it is."""

import socket

import httpcore2
import pytest

from activities.events.addresses import GuardedNetwork, NotAllowed, check_ip, check_url
from activities.events.posting import Destination, Poster
from schemas.events.cloud_event import CloudEvent, EventData
from schemas.events.delivery import Trouble
from tests.events.receiver import AT_CRM
from tests.membership.making import TODAY

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
    "ff02::1", "2001:db8::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1",
    "2002:a00:1::", "2002:7f00:1::", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_goes_inside(address):
    """Private, of the link, of this machine, of the cloud's own services, of many, of nobody."""
    with pytest.raises(NotAllowed):
        check_ip(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_may_be(address):
    """Also through an IPv6 network that translates."""
    check_ip(address)


@pytest.mark.parametrize(
    ("url", "anywhere", "allowed"),
    [
        ("https://crm.example/events?x=1", False, True),
        ("https://crm.example:8443/", False, True),
        ("https://93.184.216.34/", False, True),
        ("http://crm.example/", False, False),
        ("http://127.0.0.1:8000/", True, True),
        ("https://10.0.0.1/", False, False),
        ("https://[::1]/", False, False),
        ("https://kari@crm.example/", True, False),
        ("https://crm.example\\@10.0.0.1/", True, False),
        ("https://crm.example/ x", True, False),
        ("https://crm.example/#x", True, False),
        ("https://crm.example:99999/", True, False),
        ("https://[x]/", True, False),
        ("https:///events", True, False),
        ("ftp://crm.example/", True, False),
        ("https://blåbær.example/", True, False),
        ("", True, False),
    ],
)
def test_an_address_is_looked_at_when_it_is_given(url, anywhere, allowed):
    """As far as it shows by itself."""
    if allowed:
        check_url(url, anywhere=anywhere)
    else:
        with pytest.raises(NotAllowed):
            check_url(url, anywhere=anywhere)


class Wire(httpcore2.AsyncNetworkBackend):
    """Notes where it is to connect to, and connects nowhere."""

    def __init__(self):
        self.asked = []

    async def connect_tcp(self, host, port, *given):  # noqa: ARG002 - of the library
        """Refuse."""
        self.asked.append(host)
        raise httpcore2.ConnectError


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (["93.184.216.34"], ["93.184.216.34"]),
        (["93.184.216.34", "93.184.216.35"], ["93.184.216.34", "93.184.216.35"]),
        (["93.184.216.34", "10.0.0.1"], None),
        (["169.254.169.254"], None),
        ([], []),
    ],
)
async def test_the_address_that_was_looked_at_is_the_one(monkeypatch, found, asked):
    """A name is asked for once; where one of its addresses is inside, nothing is connected to."""
    lookups = []

    def lookup(host, port, *given, **named):  # noqa: ARG001 - of the library
        lookups.append(host)
        if not found:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    wire = Wire()
    network = GuardedNetwork(anywhere=False, network=wire)
    with pytest.raises(NotAllowed if asked is None else httpcore2.ConnectError):
        await network.connect_tcp("crm.example", 443)
    assert lookups == ["crm.example"]
    assert wire.asked == (asked or [])


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_nothing_is_posted_inside(receiver, host):
    """On the real way there, by name or number; without TLS nowhere at all."""
    event = CloudEvent(
        id="1", type="x", subject="y", sequence="0", data=EventData(happened_on=TODAY)
    )
    async with Poster(anywhere=False) as poster:
        for scheme in ("http", "https"):
            url = receiver.url.replace("http://127.0.0.1", f"{scheme}://{host}")
            answer = await poster.post(Destination(url, (AT_CRM,)), [event])
            assert answer.trouble is Trouble.NOT_ALLOWED
    assert receiver.requests == []
