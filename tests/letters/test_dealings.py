"""Who has heard what: employers and branches that come and go, on a real database and server."""

import re
from datetime import timedelta

import asyncpg
import pytest

from activities.letters.errors import DeliveryFailed
from activities.letters.sending import OUT_OF_TURN
from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Audience, Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    BRANCH,
    CASEWORKERS,
    EMPLOYER,
    FIGURES,
    INSURANCE,
    MEMBER,
    ORGNR,
    OTHER_BRANCH,
    OTHER_EMPLOYER,
    OTHER_ORGNR,
    RECRUITER,
    SYNTHETIC_ID,
    TODAY,
    change_employer,
    deliver,
    end_membership,
    letter_row,
    make_decision,
    make_invoice,
    make_letter,
    make_membership,
    make_recruiter,
)
from tests.persons.making import change_person

START, STOP, CHANGE = Template.PAYROLL_START, Template.PAYROLL_STOP, Template.PAYROLL_CHANGE
IN_BERGEN = {"branch": "BERGEN"}


async def move(pool: asyncpg.Pool, member: str, old: str, new: str) -> tuple[str, str]:
    """Order what a change of employer orders: STOP to the old one, START to the new one."""
    await make_decision(pool, member, "employment_changed")
    await change_employer(pool, member, new)
    stop = await make_letter(pool, member, STOP, employer=old)
    return stop, await make_letter(pool, member, START)


async def test_nav_is_asked_in_place_of_the_employer(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """While NAV deducts it is told what an employer is, and the employer is asked nothing (A36)."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    await pool.execute(
        "UPDATE memberships SET deductor_orgnr = $2 WHERE membership_id = $1", member, OTHER_ORGNR
    )
    stop = await make_letter(pool, member, STOP, employer=ORGNR)
    asked = await make_letter(pool, member, START)
    start = await make_letter(pool, member, START, employer=OTHER_ORGNR)
    report = await deliver(pool, settings, member, order="2")
    assert report.sent == (stop, start)
    assert report.suppressed == (asked,)
    assert codes(mails)[1:] == [(EMPLOYER, "STOP"), (OTHER_EMPLOYER, "START")]


async def give_national_id(pool: asyncpg.Pool, member: str) -> None:
    """The number arrives for which payroll letters are held."""
    await change_person(pool, member, national_id=SYNTHETIC_ID)


def codes(mails: MailServer) -> list[tuple[str, str]]:
    """(recipient, code) of every payroll line, in the order of arrival."""
    return [
        (mail.recipient, told.group(1))
        for mail in mails.mails
        if (told := re.search(r"kode\s+([A-Z]+)", mail.text())) is not None
    ]


async def test_stop_reaches_the_old_employer_before_start_reaches_the_new(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """L6: in this order, each at its own address, each disclosure on record."""
    member = await make_membership(pool)
    first = await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    stop, start = await move(pool, member, ORGNR, OTHER_ORGNR)
    report = await deliver(pool, settings, member, order="2")
    assert report.sent == (stop, start)
    assert codes(mails) == [(EMPLOYER, "START"), (EMPLOYER, "STOP"), (OTHER_EMPLOYER, "START")]
    logged = await pool.fetch("SELECT key, basis FROM disclosures ORDER BY key")
    assert [row["key"] for row in logged] == [first, stop, start]
    assert "ends a payroll deduction" in logged[1]["basis"]


async def test_start_waits_for_a_stop_that_has_not_gone_out(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A mail server that puts the STOP off puts the START off as well; others go out."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    mails.mails.clear()
    stop, start = await move(pool, member, ORGNR, OTHER_ORGNR)
    told = await make_letter(pool, member, Template.DUES_CHANGED)
    mails.answers = ["450 4.2.0 later"]
    with pytest.raises(DeliveryFailed, match=OUT_OF_TURN):
        await deliver(pool, settings, member, order="2")
    assert [mail.recipient for mail in mails.mails] == [MEMBER]
    assert (await letter_row(pool, member, start))["status"] == "pending"
    report = await deliver(pool, settings, member, order="2")
    assert report.sent == (stop, start, told)
    assert codes(mails) == [(EMPLOYER, "STOP"), (OTHER_EMPLOYER, "START")]


async def test_a_stop_that_comes_back_lets_the_start_go(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A bounce is a caseworker's task, no reason to keep the next employer waiting."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    stop, start = await move(pool, member, ORGNR, OTHER_ORGNR)
    mails.answers = ["550 5.1.1 unknown"]
    report = await deliver(pool, settings, member, order="2")
    assert (report.bounced, report.sent) == ((stop,), (start,))


async def test_an_employer_that_never_heard_is_not_told_by_a_stop(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A START held for the national id, then another employer: the first hears nothing, ever."""
    member = await make_membership(pool, national_id=None)
    held = await make_letter(pool, member, START)
    changed = await make_letter(pool, member, CHANGE)
    assert set((await deliver(pool, settings, member)).held) == {held, changed}
    stop, start = await move(pool, member, ORGNR, OTHER_ORGNR)
    report = await deliver(pool, settings, member, order="2")
    assert (set(report.suppressed), report.held) == ({held, changed, stop}, (start,))
    await give_national_id(pool, member)
    assert (await deliver(pool, settings, member, order="3")).sent == (start,)
    assert codes(mails) == [(OTHER_EMPLOYER, "START")]


async def test_back_to_the_first_employer_before_the_national_id_came(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Held requests of a job left and taken again: one START, to the present employer."""
    member = await make_membership(pool, national_id=None)
    await make_letter(pool, member, START)
    await move(pool, member, ORGNR, OTHER_ORGNR)
    _, last = await move(pool, member, OTHER_ORGNR, ORGNR)
    await give_national_id(pool, member)
    assert (await deliver(pool, settings, member)).sent == (last,)
    assert codes(mails) == [(EMPLOYER, "START")]


async def test_a_request_that_was_refused_while_it_was_held_never_goes_out(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """An employer that has said no by telephone is not asked by letter afterwards."""
    member = await make_membership(pool, national_id=None)
    start = await make_letter(pool, member, START)
    await make_decision(pool, member, "payroll_refused")
    await give_national_id(pool, member)
    assert (await deliver(pool, settings, member)).suppressed == (start,)
    assert mails.mails == []


@pytest.mark.parametrize("knows", ["sent", "perhaps sent", "said yes"])
async def test_whoever_may_deduct_is_told_to_stop(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer, knows: str
) -> None:
    """Sent, cut off while it was sent, or agreed without a letter: the STOP goes out."""
    member = await make_membership(pool)
    start = await make_letter(pool, member, START)
    match knows:
        case "sent":
            await deliver(pool, settings, member)
        case "perhaps sent":
            await pool.execute(
                "UPDATE letters SET status = 'sending', attempts = 1, sent_on = $2"
                " WHERE membership_id = $1",
                member,
                TODAY,
            )
        case "said yes":
            await pool.execute("UPDATE people SET national_id = NULL")
            await make_decision(pool, member, "payroll_accepted")
    stop, _ = await move(pool, member, ORGNR, OTHER_ORGNR)
    report = await deliver(pool, settings, member, order="2")
    assert stop in report.sent
    assert (start in report.suppressed) is (knows != "sent")
    assert (EMPLOYER, "STOP") in codes(mails)


async def test_another_employers_yes_tells_nothing_of_this_one(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """What the second employer answered does not mean that the first one has heard."""
    member = await make_membership(pool, national_id=None)
    await make_letter(pool, member, START)
    await move(pool, member, ORGNR, OTHER_ORGNR)
    await make_decision(pool, member, "payroll_accepted")
    await make_decision(pool, member, "resignation_received")
    again = await make_letter(pool, member, STOP, employer=ORGNR)
    stop = await make_letter(pool, member, STOP, employer=OTHER_ORGNR)
    report = await deliver(pool, settings, member)
    assert (report.sent, again in report.suppressed) == ((stop,), True)
    assert codes(mails) == [(OTHER_EMPLOYER, "STOP")]


async def test_a_reminder_looks_at_its_own_employers_request(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A34: an old request to the first employer does not let the second be reminded at once."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    await move(pool, member, ORGNR, OTHER_ORGNR)
    later = TODAY + timedelta(days=20)
    early = await make_letter(pool, member, Template.PAYROLL_REMINDER)
    assert (await deliver(pool, settings, member, later, "2")).suppressed == (early,)
    reminder = await make_letter(pool, member, Template.PAYROLL_REMINDER)
    due = later + timedelta(days=14)
    assert (await deliver(pool, settings, member, due, "3")).sent == (reminder,)
    assert codes(mails)[-1] == (OTHER_EMPLOYER, "START")


async def test_a_letter_belongs_to_the_employer_of_the_day_it_was_ordered(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A CHANGE that waits is not redirected to an employer that comes later."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    change = await make_letter(pool, member, CHANGE)
    await change_employer(pool, member, OTHER_ORGNR)
    assert (await deliver(pool, settings, member, order="2")).suppressed == (change,)
    assert mails.to(OTHER_EMPLOYER) == []


async def test_the_caseworkers_find_their_own_words_before_a_member_is_hidden(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """M15: the STOP goes to the caseworkers, who learn where to, and do not say why."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await make_letter(pool, member, Template.BRANCH_NEW_MEMBER)
    await deliver(pool, settings, member)
    mails.mails.clear()
    await make_decision(pool, member, "hiding_prepared")
    stop = await make_letter(pool, member, STOP, employer=ORGNR, forwarded=True)
    left = await make_letter(pool, member, Template.BRANCH_MEMBER_LEFT)
    assert (await deliver(pool, settings, member, order="2")).sent == (stop, left)
    assert [mail.recipient for mail in mails.mails] == [CASEWORKERS, BRANCH]
    assert codes(mails) == [(CASEWORKERS, "STOP")]
    said = " ".join(mails.mails[0].text().split())
    assert said.startswith("Til saksbehandler:")
    for wanted in ("Eksempel AS", "974 760 673", EMPLOYER, "dine egne ord", "ikke hvorfor"):
        assert wanted in said
    assert "skjult" not in said
    basis = await pool.fetchval("SELECT basis FROM disclosures WHERE key = $1", stop)
    assert basis.endswith("by way of the caseworkers")


async def test_once_hidden_nothing_that_still_waits_goes_out(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Invariant 4: also a STOP, and also by way of the caseworkers, stays in the house."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    mails.mails.clear()
    for forwarded in (True, False):
        await make_letter(pool, member, STOP, employer=ORGNR, forwarded=forwarded)
    await make_letter(pool, member, Template.BRANCH_MEMBER_LEFT)
    await pool.execute("UPDATE memberships SET hidden = true, branch = NULL")
    report = await deliver(pool, settings, member, order="2")
    assert len(report.suppressed) == 3
    assert mails.mails == []


async def test_a_stop_of_before_the_wish_goes_by_way_of_the_caseworkers(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Invariant 12: ordered in our words, it waits here when the wish comes: nobody is told so."""
    member = await make_membership(pool)
    await make_letter(pool, member, START)
    await deliver(pool, settings, member)
    mails.mails.clear()
    stop = await make_letter(pool, member, STOP, employer=ORGNR)
    change = await make_letter(pool, member, Template.BRANCH_MEMBER_CHANGED)
    await pool.execute("UPDATE memberships SET hiding = true")
    report = await deliver(pool, settings, member, order="2")
    assert (report.sent, report.suppressed) == ((stop,), (change,))
    assert [mail.recipient for mail in mails.mails] == [CASEWORKERS]
    assert (await letter_row(pool, member, stop))["forwarded"]


@pytest.mark.parametrize(
    ("event", "figures"),
    [("hiding_prepared", None), ("hidden_changed", None), ("change_recorded", "set_hidden")],
)
async def test_the_recruiter_of_who_asked_for_silence_is_not_thanked_later(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    event: str,
    figures: str | None,
) -> None:
    """A27: thanks that waited through a wish to be hidden stay here, also once it is lifted."""
    await make_recruiter(pool)
    member = await make_membership(pool)
    thanks = await make_letter(pool, member, Template.RECRUITER_THANKS)
    await make_decision(pool, member, event)
    if figures is not None:
        noted = FIGURES[Template.CHANGE_NOTED] | {"change": figures}
        await make_letter(pool, member, Template.CHANGE_NOTED, figures=noted)
    assert (await deliver(pool, settings, member)).suppressed == (thanks,)
    assert mails.to(RECRUITER) == []


async def test_old_and_new_branch_are_told_each_of_its_own(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """M11: a letter goes to the branch its figures name, not to the present one."""
    member = await make_membership(pool)
    await make_letter(pool, member, Template.BRANCH_NEW_MEMBER)
    await deliver(pool, settings, member)
    await make_decision(pool, member, "employment_changed")
    await pool.execute("UPDATE memberships SET branch = 'BERGEN'")
    await make_letter(pool, member, Template.BRANCH_MEMBER_LEFT)
    await make_letter(pool, member, Template.BRANCH_NEW_MEMBER, figures=IN_BERGEN)
    await deliver(pool, settings, member, order="2")
    assert [mail.recipient for mail in mails.mails] == [BRANCH, BRANCH, OTHER_BRANCH]
    assert "Oslo og omegn" in mails.mails[1].text()
    assert "Bergen og Hordaland" in mails.mails[2].text()


async def test_a_branch_that_never_heard_is_not_told_that_somebody_left(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Left before the branch was told: neither the welcome nor the farewell goes out."""
    member = await make_membership(pool)
    new = await make_letter(pool, member, Template.BRANCH_NEW_MEMBER)
    left = await make_letter(pool, member, Template.BRANCH_MEMBER_LEFT)
    assert set((await deliver(pool, settings, member)).suppressed) == {new, left}
    assert mails.mails == []


async def test_after_a_death_only_what_must_end_is_told(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """M17: every letter there is, ordered and still waiting when the member dies."""
    member = await make_membership(pool)
    await make_invoice(pool, member)
    await make_letter(pool, member, START)
    await make_letter(pool, member, Template.BRANCH_NEW_MEMBER)
    await deliver(pool, settings, member)
    mails.mails.clear()
    for template in Template:
        await make_letter(pool, member, template)
    ended = FIGURES[Template.INSURANCE_STATUS] | {"status": "ended"}
    await make_letter(pool, member, Template.INSURANCE_STATUS, figures=ended)
    await end_membership(pool, member, "deceased")
    await deliver(pool, settings, member, order="2")
    assert sorted(mail.recipient for mail in mails.mails) == sorted(
        # The last two are told that somebody is erased, who may be dead.
        [EMPLOYER, INSURANCE, BRANCH, CASEWORKERS, INSURANCE, BRANCH]
    )
    assert codes(mails) == [(EMPLOYER, "STOP")]
    office = [" ".join(mail.text().split()) for mail in mails.to(INSURANCE)]
    assert [("ikke lenger omfattet" in said, "slettes nå" in said) for said in office].count(
        (True, False)
    ) == 1


@pytest.mark.parametrize(
    ("template", "outcome"),
    [(Template.RESIGNATION, None), (Template.STRUCK_OFF, "struck_off")],
)
async def test_the_letter_of_an_end_says_what_is_owed_that_day(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    template: Template,
    outcome: str | None,
) -> None:
    """M16, A29: 740.00 invoiced less 245.00 paid leaves 495.00, money in suspense too."""
    member = await make_membership(pool)
    await make_invoice(pool, member)
    await pool.executemany(
        "INSERT INTO payments (reference, membership_id, decision, amount_ore, paid_on)"
        " VALUES ($1, $2, 1, $3, $4)",
        [("B-1", member, 20000, TODAY), ("B-2", member, 4500, TODAY)],
    )
    await make_letter(pool, member, template)
    if outcome:
        await end_membership(pool, member, outcome)
    await deliver(pool, settings, member)
    (mail,) = mails.mails
    assert "495,00 kr" in mail.text()


async def test_letters_of_one_decision_go_out_as_it_listed_them(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """Neither the templates' order nor the keys' counts, but the decision's own."""
    member = await make_membership(pool)
    status = Template.INSURANCE_STATUS
    listed = [
        await make_letter(pool, member, template, audience, FIGURES[template])
        for template, audience in (
            (status, Audience.INSURANCE_OFFICE),
            (Template.WELCOME, Audience.MEMBER),
            (Template.CASEWORKER_TASK, Audience.CASEWORKERS),
            (Template.DUES_CHANGED, Audience.MEMBER),
        )
    ]
    assert list((await deliver(pool, settings, member)).sent) == listed
    assert [mail.recipient for mail in mails.mails] == [INSURANCE, MEMBER, CASEWORKERS, MEMBER]


@pytest.mark.parametrize(
    ("other_ends", "status"), [("resigned", "sent"), ("deceased", "suppressed")]
)
async def test_who_died_is_dead_for_each_membership(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    mails: MailServer,
    other_ends: str,
    status: str,
) -> None:
    """L7, M17: a death recorded for one membership stops the mail of an earlier one as well."""
    member = await make_membership(pool, stage="active")
    other = await make_membership(pool, stage="active")
    await pool.execute(
        "UPDATE memberships SET person_id = (SELECT person_id FROM memberships"
        " WHERE membership_id = $1) WHERE membership_id = $2",
        member,
        other,
    )
    await end_membership(pool, member, "resigned")
    await end_membership(pool, other, other_ends)
    key = await make_letter(pool, member, Template.RESIGNATION)
    await deliver(pool, settings, member)
    assert (await letter_row(pool, member, key))["status"] == status
    assert len(mails.mails) == (status == "sent")
