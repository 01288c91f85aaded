"""Connections to the mail server go from order to order, and none that is doubtful does."""

from dataclasses import replace

import pytest

from activities.letters import kept_connections
from activities.letters.errors import AddressRefused
from activities.letters.kept_connections import KeptConnections
from activities.letters.mail import Mail
from activities.letters.postbox import Postbox
from activities.letters.settings import NotificationSettings
from tests.letters.mailserver import MailServer

MAIL = Mail("post@example.org", "kari@example.org", b"Subject: x\r\n\r\nx\r\n", utf8=False)


async def post(kept: KeptConnections, mail: Mail = MAIL) -> Postbox:
    """Send one mail as an order does, and return what it was sent by."""
    async with kept.borrow() as postbox:
        await postbox.open()
        await postbox.post(mail)
    return postbox


async def fail(kept: KeptConnections) -> None:
    """Send one mail, and come to grief."""
    async with kept.borrow() as postbox:
        await postbox.open()
        await postbox.post(MAIL)
        raise ZeroDivisionError


async def test_orders_after_each_other_share_a_connection(
    settings: NotificationSettings, mails: MailServer
) -> None:
    """The server is greeted once."""
    async with KeptConnections(settings) as kept:
        for _ in range(3):
            await post(kept)
    assert (len(mails.mails), mails.sessions) == (3, 1)


async def test_orders_beside_each_other_share_none(
    settings: NotificationSettings, mails: MailServer
) -> None:
    """Each has a connection to itself while it lasts."""
    async with KeptConnections(settings) as kept, kept.borrow() as first:
        await first.open()
        second = await post(kept)
        assert second is not first
        await first.post(MAIL)
    assert (len(mails.mails), mails.sessions) == (2, 2)


async def test_a_connection_that_the_server_has_ended_is_not_used(
    settings: NotificationSettings, mails: MailServer
) -> None:
    """The next order has one of its own, and loses nothing."""
    async with KeptConnections(settings) as kept:
        gone = await post(kept)
        await gone.close()
        assert await post(kept) is not gone
    assert (len(mails.mails), mails.sessions) == (2, 2)


async def test_an_order_that_fails_gives_no_connection_back(
    settings: NotificationSettings, mails: MailServer
) -> None:
    """What it had begun must not arrive with the next one's."""
    async with KeptConnections(settings) as kept:
        with pytest.raises(ZeroDivisionError):
            await fail(kept)
        await post(kept)
    assert (len(mails.mails), mails.sessions) == (2, 2)


async def test_a_refused_letter_leaves_a_connection_in_order(
    settings: NotificationSettings, mails: MailServer
) -> None:
    """The envelope that was begun is forgotten, and the next order goes on."""
    mails.answers.append("550 5.1.1 nobody")
    async with KeptConnections(settings) as kept:
        async with kept.borrow() as postbox:
            await postbox.open()
            with pytest.raises(AddressRefused):
                await postbox.post(MAIL)
        await post(kept, replace(MAIL, recipient="ola@example.org"))
    assert [mail.recipient for mail in mails.mails] == ["ola@example.org"]
    assert mails.sessions == 1


async def test_a_connection_ends_after_so_many_letters(
    settings: NotificationSettings, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the server ends it in the middle of one."""
    monkeypatch.setattr(kept_connections, "MAILS_AT_MOST", 2)
    async with KeptConnections(settings) as kept:
        for _ in range(5):
            await post(kept)
    assert (len(mails.mails), mails.sessions) == (5, 3)


async def test_a_connection_that_was_idle_for_long_is_not_used(
    settings: NotificationSettings, mails: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may be about to end it."""
    monkeypatch.setattr(kept_connections, "IDLE_SECONDS", -1)
    async with KeptConnections(settings) as kept:
        await post(kept)
        await post(kept)
    assert (len(mails.mails), mails.sessions) == (2, 2)
