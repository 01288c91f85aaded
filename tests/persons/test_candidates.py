"""Who may be the same person is looked up by index, and shown to caseworkers (N8)."""

from datetime import date

from activities.membership.open_work import inbox_items
from activities.persons.candidates import find_candidates, particulars_of_applicant
from activities.persons.views import view_person
from schemas.membership.decision import Letter
from schemas.names import person_id
from schemas.persons.likeness import Certainty, Sign
from schemas.shared.vocabulary import Audience, Event, Outcome, Stage, Template
from tests.life import application as form_of
from tests.membership.making import (
    KARI,
    OLA,
    TODAY,
    application,
    decision,
    intake,
    make_member,
    standing,
    supplied,
)

LINA = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0003"
PER = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0004"

FOUR = {
    KARI: {"name": "Kari Nordmann"},
    OLA: {"name": "Kari Normann"},
    LINA: {"name": "Kari Anne Nordmann", "email": "KARI@example.org"},
    PER: {"name": "\ufeffKARI NORDMANN"},
}
"""One person, four times."""


async def test_four_spellings_of_one_person_are_shown_as_one(persistence, pool):
    """Each of the four finds the other three, with what matched."""
    for membership, said in FOUR.items():
        await persistence.receive_application(intake(membership, phone="+4798765432", **said))
    async with pool.acquire() as connection:
        for membership in FOUR:
            seen = await view_person(connection, membership, TODAY)
            assert {one.membership_id for one in seen.candidates} == set(FOUR) - {membership}
        per = await view_person(connection, PER, TODAY)
    surest = per.candidates[0]
    assert (surest.membership_id, surest.likeness.certainty) == (KARI, Certainty.CERTAIN)
    assert {Sign.BIRTH_DATE, Sign.NAME, Sign.EMAIL, Sign.PHONE} == set(surest.likeness.signs)


async def test_the_caseworkers_task_names_who_it_may_be(persistence, pool):
    """By opaque id and with what matched; the applicant's letter says nothing of it (N8)."""
    task = Letter(
        key="0001-caseworker_task",
        template=Template.CASEWORKER_TASK,
        audience=Audience.CASEWORKERS,
        figures={"task": "review", "detail": None},
    )
    await persistence.receive_application(intake(KARI))
    second = intake(OLA, name="Kari Normann")
    await persistence.receive_application(
        second.model_copy(update={"letters": (*second.letters, task)})
    )
    rows = await pool.fetch(
        "SELECT template, figures ->> 'detail' AS detail FROM letters WHERE membership_id = $1", OLA
    )
    assert {row["template"]: row["detail"] for row in rows} == {
        "application_received": None,
        "caseworker_task": f"- perhaps the same person: {KARI} (likely, alike in birth date, name "
        "but for a typing error, e-mail address)",
    }


async def test_a_former_member_is_told_apart(persistence):
    """Who has left is found as well, with how it ended; an application that came to nothing not."""
    number = (await make_member(persistence)).member_number
    left = standing(Stage.ENDED, outcome=Outcome.RESIGNED)
    await persistence.record_decision(decision(3, standing=left))
    [kin] = (await persistence.receive_application(intake(OLA, name="Kari Hansen"))).kin
    assert (kin.membership_id, kin.stage, kin.outcome, kin.member_number) == (
        KARI,
        Stage.ENDED,
        Outcome.RESIGNED,
        number,
    )
    assert kin.likeness.signs == (Sign.BIRTH_DATE, Sign.FIRST_NAME, Sign.EMAIL)


async def test_what_was_so_before_is_known(persistence):
    """Somebody who has moved, married and has another address is found by what was so before."""
    await make_member(persistence)
    now = supplied(name="Kari Hansen", email="hansen@example.org", phone="+4790000001")
    await persistence.record_decision(decision(3, **now))
    [kin] = (await persistence.receive_application(intake(OLA))).kin
    assert kin.likeness.signs == (
        Sign.BIRTH_DATE,
        Sign.NAME,
        Sign.EARLIER_NAME,
        Sign.EMAIL,
        Sign.EARLIER_EMAIL,
    )
    assert kin.likeness.certainty is Certainty.LIKELY


async def test_a_person_is_shown_with_names_and_memberships(persistence, pool):
    """By their own id or a membership's; nobody is found under an id that nobody has."""
    number = (await make_member(persistence)).member_number
    async with pool.acquire() as connection:
        seen = await view_person(connection, KARI, TODAY)
        assert await view_person(connection, person_id(KARI), TODAY) == seen
        assert await view_person(connection, OLA, TODAY) is None
    assert (seen.names, seen.emails, seen.birth_date) == (
        ("Kari Nordmann",),
        ("kari@example.org",),
        date(1986, 4, 12),
    )
    [own] = seen.memberships
    assert (own.membership_id, own.member_number, own.member_since) == (KARI, number, TODAY)
    assert seen.candidates == ()


PEOPLE = """
INSERT INTO people (person_id, name, name_key, birth_date, email, email_key, phone, language)
SELECT 'person-' || md5(i::text)::uuid, 'Medlem ' || i, 'medlem ' || i,
       date '1950-01-01' + i % 15000, i || '@example.org', i || '@example.org',
       '+47' || (40000000 + i), 'nb'
FROM generate_series(1, 30000) AS i
"""


async def test_a_corrected_form_is_looked_up_anew(persistence, pool):
    """The right birth date finds who was not found before, and the page says so (N8)."""
    await persistence.receive_application(intake(KARI))
    receipt = await persistence.receive_application(
        intake(OLA, name="Kari Hansen", email="ny@example.org")
    )
    assert receipt.kin == ()
    given = supplied(name="Kari Nordmann", email="ny@example.org")
    corrected = await persistence.record_decision(
        decision(
            2,
            OLA,
            event=Event.INFORMATION_SUPPLIED,
            standing=standing(Stage.UNDER_REVIEW, member_since=None),
            **given,
        )
    )
    (kin,) = corrected.kin
    assert (kin.membership_id, kin.likeness.certainty) == (KARI, Certainty.POSSIBLE)
    # Whoever the inbox names is looked for as it is read: both of them, KARI since now.
    known = (await inbox_items(pool)).possibly_known
    assert [(one.membership_id, one.candidates) for one in known] == [(KARI, 1), (OLA, 1)]


async def test_a_lookup_among_many_reads_few(persistence, pool):
    """No table is read from end to end to find who shares anything with an applicant."""
    async with pool.acquire() as connection:
        await connection.execute(PEOPLE)
        await connection.execute("ANALYZE people")
        await persistence.receive_application(intake())
        before = await _read_whole(connection)
        who = particulars_of_applicant(application(phone="+4798765432").applicant)
        [kin] = await find_candidates(connection, who, whose=person_id(OLA))
        assert kin.membership_id == KARI
        assert await _read_whole(connection) == before


async def _read_whole(connection):
    """Return how often the large table was read from end to end."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    return await connection.fetchval(
        "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'people'"
    )


async def test_a_person_is_shown_at_the_command_line(cli, apply):
    """With all memberships and what matched; nobody is found under an unknown id (N8)."""
    born = {"birth_date": "1971-02-03", "phone": None}
    form = form_of(applicant=born)
    name = form["applicant"]["name"]
    known = await apply(form)
    again = await apply(form_of(applicant={**born, "name": name, "address": None}))
    ran = await cli("person", again.id, "--json")
    [candidate] = ran.json["candidates"]
    assert candidate["membership_id"] == known.id
    assert candidate["likeness"] == {"certainty": "possible", "signs": ["birth_date", "name"]}
    assert name in (await cli("person", ran.json["person_id"])).out
    assert (await cli("person", "membership-nobody")).code == 2
    waiting = (await cli("inbox", "--json")).json["possibly_known"]
    assert [one["candidates"] for one in waiting if one["membership_id"] == again.id] == [1]
