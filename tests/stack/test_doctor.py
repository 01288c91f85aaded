"""`medlemsflyt doctor`: each part is looked at, and what is wrong comes with what to do."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from activities.database.inspecting import Inspection, newest_revision
from activities.events.reading import number_all
from schemas.shared.schedules import ScheduleName
from tests.events.making import IDS, add, decide
from workers.doctor.finding import Verdict
from workers.doctor.postgres import findings_of
from workers.doctor.surroundings import look_at_keys, look_at_lists, look_at_mail, look_at_union
from workers.doctor.temporal import schedule_finding
from workers.settings import KeySettings, SmtpTls, load_settings
from workers.settings.mail import SmtpSettings
from workers.stack.ports import HOST

NOBODY = 1
"""A port that nobody listens on."""


def verdicts(ran):
    """Return what was found, by part: verdicts with what is said."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in json.loads(ran.out)["findings"]:
        found.setdefault(one["part"], []).append((one["verdict"], one["says"]))
    return found


async def test_what_works_is_said_to_work(cli):
    """The database and Temporal of these tests, whose workers have no builds."""
    ran = await cli("doctor", "--json")
    found = verdicts(ran)
    assert ("well", f"has the schema of this version, {newest_revision()}") in found["PostgreSQL"]
    assert [says for verdict, says in found["PostgreSQL"] if verdict != "well"] == [
        # As tests have it, to be quick.
        "may lose what it has answered as kept, without fsync, full_page_writes"
    ]
    assert ("well", "has all search attributes") in found["Temporal"]
    assert "broken" not in {verdict for verdict, _ in found["Keys"]}
    plain = await cli("doctor")
    assert plain.code == ran.code
    assert "has the same time as this machine" in plain.out


async def test_what_does_not_answer_keeps_nothing_else_from_its_turn(command, pool):
    """No Temporal, and a database that was put back: both broken, each with its remedy, code 1."""
    await pool.execute("INSERT INTO number_holds VALUES ('2026-12-01')")
    await add(pool, IDS[0])
    await decide(pool, IDS[0], 1)
    async with pool.acquire() as connection:
        await number_all(connection)
    await pool.execute(
        "INSERT INTO consumers (consumer, url, secret, delivered_to, caught_up_at)"
        " VALUES ('crm', 'https://127.0.0.1/', 'file:/run/crm', 0, '2026-01-02')"
    )
    ran = await command("doctor")
    assert ran.code == 1
    said = " ".join(ran.out.split())
    assert "does not answer at 127.0.0.1:1" in said
    assert "TEMPORAL_ADDRESS" in said
    assert "medlemsflyt restored" in said
    assert "have waited for the consumer crm for more than a day" in said
    assert "2 things broken: mend what is, from the top." in said
    assert "Traceback" not in ran.out + ran.err


WELL = Inspection(
    version="18.0",
    revision=newest_revision(),
    clock=datetime(2026, 12, 1, tzinfo=UTC),
    volatile=(),
    numbers_held=False,
)


@pytest.mark.parametrize(
    ("found", "skew", "mighty", "verdict", "says"),
    [
        (replace(WELL, revision=None), 0, False, Verdict.BROKEN, "has no schema"),
        (replace(WELL, revision="0"), 0, False, Verdict.BROKEN, "has schema 0, and this version"),
        (replace(WELL, volatile=("fsync",)), 0, False, Verdict.LOOK, "kept, without fsync"),
        (WELL, 3, False, Verdict.LOOK, "a clock that is 3 s from this machine's"),
        (WELL, 0, True, Verdict.LOOK, "lets us do everything"),
    ],
    ids=["not-migrated", "another-schema", "fsync", "clock", "superuser"],
)
def test_what_a_database_lacks(found, skew, mighty, verdict, says):
    """One thing each, and what to do about it."""
    assert [one.verdict for one in findings_of(WELL, timedelta(), mighty=False)] == [
        Verdict.WELL
    ] * 4
    seconds = timedelta(seconds=skew)
    (wrong,) = [one for one in findings_of(found, seconds, mighty=mighty) if one.mend]
    assert wrong.verdict is verdict
    assert says in wrong.says


async def test_the_mail_server_is_greeted(mail_sink):
    """In the clear it is to be looked at; where nobody listens it is broken; no mail is sent."""
    smtp = SmtpSettings(HOST, mail_sink.smtp_port, SmtpTls.NONE, "post@example.org")
    before = set(mail_sink.mail_dir.iterdir())
    assert (await look_at_mail(smtp)).verdict is Verdict.LOOK
    away = await look_at_mail(replace(smtp, port=NOBODY))
    assert (away.verdict, "SMTP_HOST" in str(away.mend)) == (Verdict.BROKEN, True)
    assert (await look_at_mail(replace(smtp, tls=SmtpTls.STARTTLS))).verdict is Verdict.BROKEN
    assert set(mail_sink.mail_dir.iterdir()) == before


async def test_keys_and_lists_are_tried(tmp_path):
    """A key file that is not there, a folder that is; both unset work, and are to be looked at."""
    settings = load_settings({})
    assert (await look_at_keys(settings)).verdict is Verdict.LOOK
    assert (await look_at_lists(settings)).verdict is Verdict.LOOK
    missing = KeySettings(master=f"file:{tmp_path}/none.json")
    assert (await look_at_keys(replace(settings, keys=missing))).verdict is Verdict.BROKEN
    assert (await look_at_lists(replace(settings, list_folder=tmp_path))).verdict is Verdict.WELL
    gone = replace(settings, list_folder=tmp_path / "gone")
    assert (await look_at_lists(gone)).verdict is Verdict.BROKEN


def test_what_is_made_up_is_named():
    """By the variables that say otherwise."""
    found = {one.part: one for one in look_at_union(load_settings({}))}
    assert "MEDLEMSFLYT_UNION_ACCOUNT_NUMBER" in str(found["The union"].mend)
    assert "MEDLEMSFLYT_CASEWORKER_EMAIL" in str(found["The union"].mend)
    assert found["Settings"].verdict is Verdict.LOOK


MADE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "done", "now", "verdict"),
    [
        ("audit", "2026-11-28T03:05Z", "2026-11-29T03:10Z", Verdict.WELL),
        ("audit", "2026-11-28T03:05Z", "2026-11-29T09:10Z", Verdict.BROKEN),
        ("dues-run", "2026-10-01T04:00Z", "2026-11-01T04:00Z", Verdict.WELL),
        ("dues-run", "2026-10-01T04:00Z", "2026-11-03T04:00Z", Verdict.BROKEN),
        # Made an hour ago, nothing is overdue; made in June, it is.
        ("year-end", None, "2026-06-01T01:00Z", Verdict.WELL),
        ("arrears", None, "2026-06-03T00:00Z", Verdict.BROKEN),
    ],
)
def test_overdue_work_of_a_schedule(name, done, now, verdict):
    """A day's work after 30 hours, a month's after 32 days; what never was, since it was made."""
    when = done and datetime.fromisoformat(done)
    found = schedule_finding(ScheduleName(name), when, MADE, datetime.fromisoformat(now))
    assert found.verdict is verdict
    assert name in found.says
    assert bool(found.mend) == (verdict is Verdict.BROKEN)
