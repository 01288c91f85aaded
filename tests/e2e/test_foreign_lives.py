"""Whole lives through signals alone, by a client that knows the contract and nothing else of ours.

It speaks to a `medlemsflyt dev --time-skipping` in processes of its own, and looks at ``state`` and
at the mails in ``mail_dir``. Amounts and dates are written by hand from docs/rules.md.
"""

import asyncio
import email
import email.policy
import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import TimeSkipper

from tests.clock import Skipper
from tests.e2e.conftest import RunningStack
from tests.life import PATIENCE_SECONDS
from workers.demo.settled import is_settled

OSLO = ZoneInfo("Europe/Oslo")
THIS = datetime.now(OSLO).year

EKSEMPEL = {"employer_orgnr": "974760673", "employer_name": "Eksempel AS"}
FJORD = {"employer_orgnr": "312345676", "employer_name": "Fjord Drift AS"}
AT_EKSEMPEL, AT_FJORD = "lonn@eksempel.example", "lonn@fjorddrift.example"
IN_OSLO, IN_BERGEN = "oslo@example.org", "bergen@example.org"
CASEWORKERS, INSURER = "caseworkers@example.org", "insurance@example.org"

CENTRAL, LOCAL, PREMIUM = "central_dues", "local_dues", "insurance_premium"


def synthetic_number(born: date) -> str:
    """Return a synthetic national id: month + 80, with its two check digits."""
    individual = 100 if born.year < 2000 else 600
    while True:
        digits = f"{born.day:02d}{born.month + 80:02d}{born.year % 100:02d}{individual:03d}"
        for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
            total = sum(w * int(d) for w, d in zip(weights, digits, strict=True))
            check = -total % 11
            if check == 10:
                break
            digits += str(check)
        if len(digits) == 11:
            return digits
        individual += 1


@dataclass
class Member:
    """A membership as another system sees it."""

    handle: WorkflowHandle[Any, Any]
    skipper: TimeSkipper
    mail_dir: Path
    name: str
    address: str

    async def signal(self, name: str, **data: Any) -> None:
        """Send a signal and wait until it has been dealt with."""
        await self.handle.signal(name, data)
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await is_settled(self.handle, self.skipper.client):
                await asyncio.sleep(0.05)  # a signal is answered by nothing: it is looked at

    async def reach(self, day: date) -> None:
        """Let time pass until noon of a day."""
        now = await self.skipper.get_current_time(self.handle)
        ahead = datetime.combine(day, time(12), OSLO) - now
        assert ahead > timedelta(), "the story goes forward"
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.skipper.fast_forward(self.handle, ahead)
        await self.settle()

    async def ends(self) -> dict[str, Any]:
        """Return the state in which it ended; its workflow closes once nobody can reopen it."""
        state = await self.state()
        assert (await self.handle.describe()).status is WorkflowExecutionStatus.RUNNING
        last = date.fromisoformat(state["open_until"])
        ahead = datetime.combine(last + timedelta(days=1), time(12), OSLO)
        now = await self.skipper.get_current_time(self.handle)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.skipper.fast_forward(self.handle, ahead - now)
            result: dict[str, Any] = await self.handle.result()
        assert result == {**state, "open_until": None}
        return result

    async def state(self) -> dict[str, Any]:
        """Return the state; no message of ours may have been refused."""
        found: dict[str, Any] = await self.handle.query("state")
        assert found["rejected_messages"] == []
        return found

    def mails(self) -> list[tuple[str, str]]:
        """Return (date, who it is for) of every mail about this member, in order.

        For an employer it also says the code of the line, which lies in the folder of its lists, or
        that the caseworkers are to pass on.
        """
        found = []
        for path in self.mail_dir.glob("*.eml"):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            parts = [part for part in mail.walk() if part.get_content_maintype() == "text"]
            text = mail["To"] + "".join(part.get_content() for part in parts)
            lists = [part.get_content() for part in parts if part.get_content_subtype() == "csv"]
            for file in set(re.findall(r"lonnstrekk-[0-9a-f]{16}\.csv", text)):
                (line,) = (self.mail_dir.parent / "lists").glob(f"*/{file}")
                lists.append(line.read_text(encoding="utf-8-sig"))
                text += lists[-1]
            if not any(mark in text for mark in (self.name, self.handle.id, self.address)):
                continue
            # Where the words are to be the caseworkers' own, no file goes with the mail.
            told = "".join(lists) or " ".join(re.findall(r"kode\s+[A-Z]+", text))
            codes = [code for code in ("START", "CHANGE", "STOP") if code in told]
            to = "member" if mail["To"] == self.address else mail["To"]
            found.append((str(mail["Date"].datetime.date()), " ".join((to, *codes))))
        return sorted(found)


@pytest.fixture
def joins(stack: RunningStack):
    """Let somebody apply and be approved; return the Member."""

    async def join(born: date, *, branch: str | None = None, **form: Any) -> Member:
        client = await Client.connect(stack.record["temporal_address"])
        skipper = Skipper(client)
        mark = uuid.uuid4().hex[:8]
        name, address = f"Alex {mark.capitalize()}", f"{mark}@example.org"
        applicant = {
            "name": name,
            "birth_date": str(born),
            "national_id": synthetic_number(born),
            "email": address,
            "phone": "+4791234567",
            "address": {"line1": "Storgata 1", "postcode": "0155", "city": "Oslo"},
            "language": "nb",
        }
        handle = await skipper.client.start_workflow(
            "Membership",
            {"applicant": applicant, "consents": {"terms": True}, **form},
            id=f"membership-{uuid.uuid4()}",
            task_queue="membership",
        )
        member = Member(handle, skipper, Path(stack.record["mail_dir"]), name, address)
        await member.settle()
        approval = {"decision": "approve", "caseworker": "ola"}
        await member.signal(
            "decide_application", **approval, **({"branch": branch} if branch else {})
        )
        return member

    return join


def terms_of(state: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the terms as tuples."""
    names = ("kind", "amount_ore", "cadence", "payer", "valid_from", "valid_to")
    return [tuple(term[name] for name in names) for term in state["terms"]]


def on(day: date, *receivers: str) -> list[tuple[str, str]]:
    """Return one mail to each receiver on a day."""
    return [(str(day), receiver) for receiver in receivers]


def standing(state: dict[str, Any]) -> tuple[str, str | None, str, bool]:
    """Return stage, outcome, category and flag."""
    return state["stage"], state["outcome"], state["category"], state["hidden"]


async def test_ordinary_until_pensioner(joins) -> None:
    """Payroll and cover; AFP reported ahead of its day; 67 by the calendar alone."""
    born = date(THIS - 61, 5, 20)
    member = await joins(
        born, branch="OSLO", category="ordinary", employment={**EKSEMPEL, "position_percent": "100"}
    )
    state = await member.state()
    since = date.fromisoformat(state["member_since"])
    joined = str(since.replace(day=1))
    # A21: 30 days from our own letter of today, cover from the next day, the premium from a month
    # that is covered whole.
    covered = since + timedelta(days=31)
    coming = (covered.replace(day=1) + timedelta(days=32)).replace(day=1)
    premium = covered if covered.day == 1 else coming
    year = THIS + 1  # the year of 62
    await member.signal("answer_payroll_request", answer="accepted", first_period=f"{year}-01")
    await member.reach(date(year, 4, 20))
    state = await member.state()
    assert standing(state) == ("active", None, "ordinary", False)
    assert (state["insurance"]["status"], state["payroll"]["status"]) == ("covered", "active")

    await member.signal("report_pension", kind="afp", from_on=f"{year}-08-01")
    state = await member.state()
    assert standing(state) == ("active", None, "ordinary", False)
    pensioner = f"{born.year + 67}-06-01"  # 67 on 20 May: the price from the first of June (A12)
    central = [
        # S2 495.00, directly until the employer's first month; S21 a quarter of it from AFP on;
        # S18 600.00 a year: 10 % of 5,940.00 is 594.00, up to the next ten.
        (CENTRAL, 49500, "monthly", "direct", joined, f"{year}-01-01"),
        (CENTRAL, 49500, "monthly", "payroll", f"{year}-01-01", f"{year}-08-01"),
        (CENTRAL, 12375, "monthly", "direct", f"{year}-08-01", pensioner),
        (CENTRAL, 60000, "yearly", "direct", pensioner, None),
    ]
    # S7, S20; A17: until the end of the year of 67. Whoever joins late in the year has no month of
    # it to pay directly before the employer deducts.
    deducted = max(str(premium), f"{year}-01-01")
    directly = [(PREMIUM, 20000, "monthly", "direct", str(premium), deducted)]
    insurance = [
        *(directly if str(premium) < deducted else []),
        (PREMIUM, 20000, "monthly", "payroll", deducted, f"{year}-08-01"),
        (PREMIUM, 20000, "monthly", "direct", f"{year}-08-01", f"{born.year + 68}-01-01"),
    ]
    local = [
        # S3; A11: none as early pensioner.
        (LOCAL, 5000, "monthly", "direct", joined, f"{year}-01-01"),
        (LOCAL, 5000, "monthly", "payroll", f"{year}-01-01", f"{year}-08-01"),
    ]
    assert terms_of(state) == central + insurance + local  # past, present and future

    await member.reach(date(year, 8, 1))
    state = await member.state()
    assert standing(state) == ("active", None, "early_pensioner", False)
    assert state["payroll"]["status"] == "stopped"
    await member.reach(date(born.year + 67, 5, 19))
    assert standing(await member.state()) == ("active", None, "early_pensioner", False)
    await member.reach(date(born.year + 67, 5, 20))
    assert standing(await member.state()) == ("active", None, "pensioner", False)
    await member.reach(date(born.year + 68, 2, 1))
    state = await member.state()
    assert state["insurance"]["status"] == "ended"
    assert terms_of(state) == central + insurance + local
    # M3; S9: the insurance office hears of each new member. A17: the 67th birthday ends the
    # cover against critical illness, the year's end the last one, and with it the premium.
    assert member.mails() == sorted(
        [
            *on(since, "member", CASEWORKERS),  # acknowledgement, task
            *on(since, "member", "member", INSURER, IN_OSLO, f"{AT_EKSEMPEL} START"),
            *on(since, "member"),  # deduction begins
            *on(covered, "member", INSURER, f"{AT_EKSEMPEL} CHANGE"),
            *on(date(year, 4, 20), "member"),
            *on(date(year, 8, 1), "member", INSURER, IN_OSLO, f"{AT_EKSEMPEL} STOP"),
            *on(date(born.year + 67, 5, 20), "member", "member", INSURER),
            *on(date(born.year + 68, 1, 1), "member", "member", INSURER),
        ]
    )


async def test_early_pensioner_born_on_29_february(joins) -> None:
    """A32: 67 on 1 March; on 28 February still early, and a quarter until then."""
    leap = next(year for year in range(THIS - 66, THIS - 62) if year % 4 == 0)
    member = await joins(
        date(leap, 2, 29),
        category="early_pensioner",
        pension={"kind": "afp", "from": f"{leap + 62}-06-01"},
        insurance_reservation=True,
    )
    state = await member.state()
    joined = f"{state['member_since'][:7]}-01"
    turns = f"{leap + 67}-03-01"
    terms = [
        (CENTRAL, 12375, "monthly", "direct", joined, turns),
        (CENTRAL, 60000, "yearly", "direct", turns, None),
    ]
    assert standing(state) == ("active", None, "early_pensioner", False)
    assert terms_of(state) == terms
    await member.reach(date(leap + 67, 2, 28))
    assert standing(await member.state()) == ("active", None, "early_pensioner", False)
    await member.reach(date(leap + 67, 3, 1))
    state = await member.state()
    assert standing(state) == ("active", None, "pensioner", False)
    assert terms_of(state) == terms
    since = date.fromisoformat(state["member_since"])
    assert member.mails() == sorted(
        [
            *on(since, "member", CASEWORKERS),
            # welcome, invoice and the reservation's confirmation; the new member and the no
            *on(since, "member", "member", "member", INSURER, INSURER),
            *on(date(leap + 67, 3, 1), "member"),
        ]
    )


async def test_student_to_ordinary_to_resigned(joins) -> None:
    """An offer accepted ahead (S17), a first job, and a resignation (A29)."""
    year = THIS + 1
    member = await joins(
        date(THIS - 22, 8, 15),
        category="student",
        study={"school": "UiB", "ends_on": f"{year}-06-15"},
    )
    state = await member.state()
    joined = f"{state['member_since'][:7]}-01"
    # S12: 5 % of 5,940.00 is 297.00, up to the next ten: 300.00.
    assert terms_of(state) == [(CENTRAL, 30000, "yearly", "direct", joined, None)]
    await member.reach(date(year, 5, 20))
    begins = f"{year}-07-01"
    await member.signal("change_category", category="ordinary", effective_on=begins)
    await member.signal(
        "change_employment", effective_on=begins, **FJORD, position_percent="50", branch="BERGEN"
    )
    state = await member.state()
    assert standing(state) == ("active", None, "student", False)
    # S5: 247.50. A3: BERGEN halves its 45.00, too. A15: past 67 there is no half; born 15 August,
    # the price from the first of September.
    full = f"{THIS - 22 + 67}-09-01"
    assert terms_of(state) == [
        (CENTRAL, 30000, "yearly", "direct", joined, begins),
        (CENTRAL, 24750, "monthly", "direct", begins, full),
        (CENTRAL, 49500, "monthly", "direct", full, None),
        (LOCAL, 2250, "monthly", "direct", begins, full),
        (LOCAL, 4500, "monthly", "direct", full, None),
    ]
    await member.reach(date(year, 7, 2))
    state = await member.state()
    assert standing(state) == ("active", None, "ordinary", False)
    assert (state["insurance"]["status"], state["payroll"]["status"]) == (
        "window_open",
        "requested",
    )
    await member.signal("reserve_insurance", received_on=f"{year}-07-02")
    await member.signal("answer_payroll_request", answer="accepted", first_period=f"{year}-09")
    await member.reach(date(year + 1, 3, 10))
    await member.signal("resign", received_on=f"{year + 1}-03-10")
    state = await member.state()
    assert standing(state) == ("active", None, "ordinary", False)
    # A29: the month of the notice and the following one.
    ends = f"{year + 1}-05-01"
    terms = [
        (CENTRAL, 30000, "yearly", "direct", joined, begins),
        (CENTRAL, 24750, "monthly", "direct", begins, f"{year}-09-01"),
        (CENTRAL, 24750, "monthly", "payroll", f"{year}-09-01", ends),
        (LOCAL, 2250, "monthly", "direct", begins, f"{year}-09-01"),
        (LOCAL, 2250, "monthly", "payroll", f"{year}-09-01", ends),
    ]
    assert terms_of(state) == terms
    await member.reach(date(year + 1, 5, 1))
    state = await member.ends()
    assert standing(state) == ("ended", "resigned", "ordinary", False)
    assert state["insurance"]["status"] == "ended"
    assert terms_of(state) == terms
    since = date.fromisoformat(state["member_since"])
    assert member.mails() == sorted(
        [
            *on(since, "member", CASEWORKERS),
            *on(since, "member", "member"),  # S8: a student's joining is not the insurer's business
            *on(date(year, 1, 1), "member"),  # the yearly status check
            *on(date(year, 3, 17), "member"),  # S17: asked 90 days before 15 June
            *on(date(year, 5, 20), "member", "member"),  # both notices confirmed
            *on(date(year, 7, 1), "member", "member", INSURER, IN_BERGEN, f"{AT_FJORD} START"),
            *on(date(year, 7, 2), "member", INSURER, "member"),  # the no; deduction begins
            *on(date(year + 1, 3, 10), "member", INSURER, IN_BERGEN, f"{AT_FJORD} STOP"),
        ]
    )


async def test_hidden_for_a_while_then_deceased(joins) -> None:
    """Not a word outside while hidden; after a death not a word to the member."""
    year = THIS + 1
    member = await joins(
        date(THIS - 40, 4, 12),
        branch="OSLO",
        category="ordinary",
        employment={**FJORD, "position_percent": "100"},
        insurance_reservation=True,
    )
    joined = f"{(await member.state())['member_since'][:7]}-01"
    await member.signal("answer_payroll_request", answer="accepted", first_period=f"{year}-01")
    await member.reach(date(year, 6, 1))
    await member.signal("set_hidden", hidden=True, effective_on=f"{year}-06-01")
    state = await member.state()
    assert standing(state) == ("active", None, "ordinary", True)
    assert state["payroll"]["status"] == "stopped"
    await member.signal("change_employment", effective_on=f"{year}-09-01", position_percent="40")
    await member.reach(date(year + 1, 1, 31))
    await member.signal("set_hidden", hidden=False, effective_on=f"{year + 1}-01-31", consent=True)
    await member.signal("answer_payroll_request", answer="accepted", first_period=f"{year + 1}-03")
    state = await member.state()
    assert standing(state) == ("active", None, "ordinary", False)
    await member.reach(date(year + 1, 9, 20))
    died = {"died_on": f"{year + 1}-09-18", "member_number": state["member_number"]}
    await member.signal("record_death", **died, caseworker="ola")
    state = await member.ends()
    assert standing(state) == ("ended", "deceased", "ordinary", False)
    # A23: directly while hidden; S33: no local dues. A6: 40 % from 1 September is half from then.
    # Open again inside January: local dues and deduction from the months after.
    assert terms_of(state) == [
        (CENTRAL, 49500, "monthly", "direct", joined, f"{year}-01-01"),
        (CENTRAL, 49500, "monthly", "payroll", f"{year}-01-01", f"{year}-06-01"),
        (CENTRAL, 49500, "monthly", "direct", f"{year}-06-01", f"{year}-09-01"),
        (CENTRAL, 24750, "monthly", "direct", f"{year}-09-01", f"{year + 1}-03-01"),
        (CENTRAL, 24750, "monthly", "payroll", f"{year + 1}-03-01", f"{year + 1}-10-01"),
        (LOCAL, 5000, "monthly", "direct", joined, f"{year}-01-01"),
        (LOCAL, 5000, "monthly", "payroll", f"{year}-01-01", f"{year}-06-01"),
        (LOCAL, 5000, "monthly", "direct", f"{year + 1}-02-01", f"{year + 1}-03-01"),
        (LOCAL, 5000, "monthly", "payroll", f"{year + 1}-03-01", f"{year + 1}-10-01"),
    ]
    since = date.fromisoformat(state["member_since"])
    assert member.mails() == sorted(
        [
            *on(since, "member", CASEWORKERS),
            *on(since, "member", "member", "member", INSURER, INSURER),
            *on(since, IN_OSLO, f"{AT_FJORD} START"),
            *on(since, "member"),  # deduction begins
            # M15: the caseworkers word the STOP; the branch only hears that somebody left.
            *on(date(year, 6, 1), f"{CASEWORKERS} STOP", IN_OSLO, "member"),
            *on(date(year, 6, 1), "member"),  # the coming change of work
            *on(date(year, 9, 1), "member"),  # S30: of half dues only the member hears
            *on(date(year + 1, 1, 31), "member", IN_OSLO, f"{AT_FJORD} START", "member"),
            # M17: a neutral task, STOP, and nothing to the member.
            *on(date(year + 1, 9, 20), CASEWORKERS, INSURER, IN_OSLO, f"{AT_FJORD} STOP"),
        ]
    )
