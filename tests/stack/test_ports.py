"""Ports that are taken, and offsets that lead nowhere."""

import socket
from dataclasses import replace

import pytest

from workers.errors import UserError
from workers.stack.ports import HOST, Ports, free_port


def free_ports():
    """Ports nobody listens on."""
    return Ports(*(free_port() for _ in range(6)))


async def test_taken_port_is_named_with_who_wanted_it():
    """The error names the port, the part that wanted it, and the way out."""
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            UserError, match=rf"Port {port}, wanted by the mail page,.*--port-offset"
        ):
            await replace(free_ports(), mail_page=port).claim()


async def test_free_ports_are_claimed():
    """Free ports raise nothing, twice in a row: the check leaves them free."""
    ports = free_ports()
    await ports.claim()
    await ports.claim()


def test_offset_moves_every_port():
    """The contract's defaults, each moved by the same number."""
    assert Ports.shifted(0) == Ports(7233, 8233, 7243, 1025, 8025, 8234)
    assert Ports.shifted(100) == Ports(7333, 8333, 7343, 1125, 8125, 8334)


@pytest.mark.parametrize("offset", [60000, -1100])
def test_offset_out_of_range_is_refused(offset):
    """An offset that moves a port out of the range says which offsets do not."""
    with pytest.raises(UserError, match="choose one between 0 and 57301"):
        Ports.shifted(offset)
