"""Sixty years of one member on the real server, against a table written by hand.

She is born on 12 April and applies in the year she turns 20, today. Every later date is written as
(age, month, day): the day in the year she turns that age, so the table reads the same whenever it
runs. Amounts and dates come from docs/rules.md by hand; nothing here is computed by the code.
"""

from dataclasses import dataclass
from datetime import date

from tests.clock import this_year
from tests.life import application, synthetic_id
from tests.runs import runs_of

EKSEMPEL = {"employer_orgnr": "974760673", "employer_name": "Eksempel AS"}
FJORD = {"employer_orgnr": "312345676", "employer_name": "Fjord Drift AS"}


def accepted(age, month):
    """The employer says yes from a month on."""
    return "answer_payroll_request", {"answer": "accepted", "first_period": (age, month)}


STORY = [
    # She accepts the offer before the study ends on 15 June; the job begins on 1 July.
    (
        (23, 5, 20),
        "change_category",
        {"category": "ordinary", "effective_on": (23, 7, 1), "evidence": "Tilbud godtatt"},
    ),
    (
        (23, 5, 20),
        "change_employment",
        {"effective_on": (23, 7, 1), **EKSEMPEL, "position_percent": "100", "branch": "OSLO"},
    ),
    ((23, 7, 10), *accepted(23, 8)),
    # Another employer in another town.
    (
        (28, 4, 20),
        "change_employment",
        {"effective_on": (28, 5, 1), **FJORD, "branch": "BERGEN"},
    ),
    ((28, 5, 20), *accepted(28, 6)),
    # Half time, told on the day; full time again, told 26 days late.
    (
        (31, 3, 1),
        "change_employment",
        {"effective_on": (31, 3, 1), "position_percent": "50"},
    ),
    (
        (33, 9, 10),
        "change_employment",
        {"effective_on": (33, 8, 15), "position_percent": "100"},
    ),
    # A year as hidden member.
    ((41, 2, 1), "set_hidden", {"hidden": True, "effective_on": (41, 2, 1)}),
    (
        (42, 2, 1),
        "set_hidden",
        {"hidden": False, "effective_on": (42, 2, 1), "consent": True},
    ),
    ((42, 2, 5), *accepted(42, 3)),
    # Five months of leave.
    (
        (45, 8, 20),
        "grant_leave",
        {"from_on": (45, 9, 1), "until_on": (46, 1, 31), "caseworker": "ola"},
    ),
    ((46, 2, 10), *accepted(46, 3)),
    # AFP at 62, a year of work beside it at 63, then AFP alone again until 67.
    ((62, 4, 20), "report_pension", {"kind": "afp", "from_on": (62, 5, 1)}),
    (
        (63, 9, 1),
        "change_employment",
        {"effective_on": (63, 9, 1), **FJORD, "position_percent": "60"},
    ),
    ((63, 9, 5), *accepted(63, 10)),
    (
        (64, 9, 1),
        "change_employment",
        {"effective_on": (64, 9, 1), "position_percent": "0"},
    ),
    # A year of work as a pensioner, back at the first employer.
    (
        (69, 2, 1),
        "change_employment",
        {"effective_on": (69, 2, 1), **EKSEMPEL, "position_percent": "100"},
    ),
    ((69, 2, 10), *accepted(69, 3)),
    ((70, 2, 1), "report_pension", {"kind": "old_age", "from_on": (70, 2, 1)}),
    ((80, 11, 25), "record_death", {"died_on": (80, 11, 20), "caseworker": "ola"}),
]

CENTRAL, LOCAL, PREMIUM = "central_dues", "local_dues", "insurance_premium"
JOINED = "the first of the month she joined in"

TERMS = [
    # S12: 5 % of 12 x 495.00 = 5,940.00 is 297.00, up to the next ten: 300.00 a year.
    (CENTRAL, 30000, "yearly", "direct", JOINED, (23, 7, 1)),
    # S2: 495.00; directly until the employer's first month, through payroll from then on (A20).
    (CENTRAL, 49500, "monthly", "direct", (23, 7, 1), (23, 8, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (23, 8, 1), (28, 5, 1)),
    # The new employer has its own say; directly until then.
    (CENTRAL, 49500, "monthly", "direct", (28, 5, 1), (28, 6, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (28, 6, 1), (31, 3, 1)),
    # S5: 50.0 % is half: 495.00 / 2 = 247.50. From 15 August means from September (A6).
    (CENTRAL, 24750, "monthly", "payroll", (31, 3, 1), (33, 9, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (33, 9, 1), (41, 2, 1)),
    # A23: hidden members pay directly; afterwards the employer is asked again.
    (CENTRAL, 49500, "monthly", "direct", (41, 2, 1), (42, 3, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (42, 3, 1), (45, 9, 1)),
    # L4: nothing while on leave, whose last day is 31 January.
    (CENTRAL, 0, "monthly", "direct", (45, 9, 1), (46, 2, 1)),
    (CENTRAL, 49500, "monthly", "direct", (46, 2, 1), (46, 3, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (46, 3, 1), (62, 5, 1)),
    # S21: a quarter, 495.00 / 4 = 123.75, unrounded (A2).
    (CENTRAL, 12375, "monthly", "direct", (62, 5, 1), (63, 9, 1)),
    # A16: work wins, and 60 % is more than half.
    (CENTRAL, 49500, "monthly", "direct", (63, 9, 1), (63, 10, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (63, 10, 1), (64, 9, 1)),
    (CENTRAL, 12375, "monthly", "direct", (64, 9, 1), (67, 5, 1)),
    # A12: a pensioner on 12 April, the price from 1 May. S18: 10 % of 5,940.00 is 594.00, up to
    # the next ten: 600.00 a year.
    (CENTRAL, 60000, "yearly", "direct", (67, 5, 1), (69, 2, 1)),
    # S22: whoever works after 67 pays full dues.
    (CENTRAL, 49500, "monthly", "direct", (69, 2, 1), (69, 3, 1)),
    (CENTRAL, 49500, "monthly", "payroll", (69, 3, 1), (70, 2, 1)),
    # The month of the death is charged whole (ADR 13).
    (CENTRAL, 60000, "yearly", "direct", (70, 2, 1), (80, 12, 1)),
    # S7: 200.00, from the first month covered whole. The window opens on 1 July (S17), its 30 days
    # end on 31 July (A21), so cover begins on 1 August. A4: half dues do not halve it.
    (PREMIUM, 20000, "monthly", "payroll", (23, 8, 1), (28, 5, 1)),
    (PREMIUM, 20000, "monthly", "direct", (28, 5, 1), (28, 6, 1)),
    (PREMIUM, 20000, "monthly", "payroll", (28, 6, 1), (41, 2, 1)),
    (PREMIUM, 20000, "monthly", "direct", (41, 2, 1), (42, 3, 1)),
    (PREMIUM, 20000, "monthly", "payroll", (42, 3, 1), (45, 9, 1)),
    # A leave waives the dues, not the premium (ADR 13).
    (PREMIUM, 20000, "monthly", "direct", (45, 9, 1), (46, 3, 1)),
    (PREMIUM, 20000, "monthly", "payroll", (46, 3, 1), (62, 5, 1)),
    # S20, A10: an early pensioner stays covered, by a line of its own.
    (PREMIUM, 20000, "monthly", "direct", (62, 5, 1), (63, 10, 1)),
    (PREMIUM, 20000, "monthly", "payroll", (63, 10, 1), (64, 9, 1)),
    # A17: it ends with the last coverage, life, at the end of the year of 67.
    (PREMIUM, 20000, "monthly", "direct", (64, 9, 1), (68, 1, 1)),
    # S3, S4: OSLO 50.00, BERGEN 45.00. A3: BERGEN halves with the central dues, 45.00 / 2 = 22.50.
    (LOCAL, 5000, "monthly", "direct", (23, 7, 1), (23, 8, 1)),
    (LOCAL, 5000, "monthly", "payroll", (23, 8, 1), (28, 5, 1)),
    (LOCAL, 4500, "monthly", "direct", (28, 5, 1), (28, 6, 1)),
    (LOCAL, 4500, "monthly", "payroll", (28, 6, 1), (31, 3, 1)),
    (LOCAL, 2250, "monthly", "payroll", (31, 3, 1), (33, 9, 1)),
    (LOCAL, 4500, "monthly", "payroll", (33, 9, 1), (41, 2, 1)),
    # S33: none while hidden. L4: none on leave. A11: none as early pensioner.
    (LOCAL, 4500, "monthly", "direct", (42, 2, 1), (42, 3, 1)),
    (LOCAL, 4500, "monthly", "payroll", (42, 3, 1), (45, 9, 1)),
    (LOCAL, 4500, "monthly", "direct", (46, 2, 1), (46, 3, 1)),
    (LOCAL, 4500, "monthly", "payroll", (46, 3, 1), (62, 5, 1)),
    (LOCAL, 4500, "monthly", "direct", (63, 9, 1), (63, 10, 1)),
    (LOCAL, 4500, "monthly", "payroll", (63, 10, 1), (64, 9, 1)),
    (LOCAL, 4500, "monthly", "direct", (69, 2, 1), (69, 3, 1)),
    (LOCAL, 4500, "monthly", "payroll", (69, 3, 1), (70, 2, 1)),
]

TODAY = "the day she joined"
M, E, I, C, B = "member/", "employer/", "insurance_office/", "caseworkers/", "branch/"  # noqa: E741

DIARY = [
    (TODAY, "application_received", [M + "application_received", C + "caseworker_task"]),
    # S8, S9: the insurance office never hears of a student.
    (TODAY, "application_approved", [M + "welcome", M + "first_invoice"]),
    # M14: each year the status check; S17, A9: 90 days before 15 June is 17 March
    # (15 days of June, 31 of May, 30 of April, 14 of March: from 31 March back to 17 March).
    ((21, 1, 1), "student_checked", [M + "student_check"]),
    ((22, 1, 1), "student_checked", [M + "student_check"]),
    ((23, 1, 1), "student_checked", [M + "student_check"]),
    ((23, 3, 17), "study_end_asked", [M + "study_question"]),
    ((23, 5, 20), "change_recorded", [M + "change_noted"]),
    ((23, 5, 20), "change_recorded", [M + "change_noted"]),
    # The study ends on 15 June; the offer has been accepted, so nobody is asked for anything.
    (
        (23, 7, 1),
        "change_took_effect",
        [
            M + "category_changed",
            E + "payroll_start",
            M + "insurance_window",
            I + "insurance_new_member",
            B + "branch_new_member",
        ],
    ),
    ((23, 7, 10), "payroll_accepted", [M + "deduction_begins"]),
    (
        (23, 8, 1),
        "insurance_covered",
        [M + "cover_begins", I + "insurance_status", E + "payroll_change"],
    ),
    ((28, 4, 20), "change_recorded", [M + "change_noted"]),
    # L6: STOP to the old employer before START to the new.
    (
        (28, 5, 1),
        "change_took_effect",
        [
            E + "payroll_stop",
            E + "payroll_start",
            B + "branch_member_left",
            B + "branch_new_member",
            M + "dues_changed",
        ],
    ),
    # A34: START went out on 1 May; after 14 days, on 16 May, the employer is reminded.
    ((28, 5, 16), "payroll_reminded", [E + "payroll_reminder"]),
    ((28, 5, 20), "payroll_accepted", [M + "deduction_begins"]),
    ((31, 3, 1), "employment_changed", [M + "dues_changed", E + "payroll_change"]),
    ((33, 9, 10), "employment_changed", [M + "dues_changed", E + "payroll_change"]),
    # L5: deduction stops before the flag takes effect; the member hears once it has.
    ((41, 2, 1), "hiding_prepared", [E + "payroll_stop", B + "branch_member_left"]),
    ((41, 2, 1), "hidden_changed", [M + "hidden_on"]),
    (
        (42, 2, 1),
        "hidden_changed",
        [M + "hidden_off", E + "payroll_start", B + "branch_new_member"],
    ),
    ((42, 2, 5), "payroll_accepted", [M + "deduction_begins"]),
    ((45, 8, 20), "change_recorded", [M + "change_noted"]),
    ((45, 9, 1), "change_took_effect", [M + "leave_granted", E + "payroll_stop"]),
    ((46, 2, 1), "change_took_effect", [M + "leave_ended", E + "payroll_start"]),
    ((46, 2, 10), "payroll_accepted", [M + "deduction_begins"]),
    # A17: disability cover ends on the 60th birthday.
    ((60, 4, 12), "coverage_ended", [M + "coverage_ended", I + "insurance_status"]),
    ((62, 4, 20), "change_recorded", [M + "change_noted"]),
    (
        (62, 5, 1),
        "change_took_effect",
        [
            M + "pension_reported",
            I + "insurance_status",
            B + "branch_member_changed",
            E + "payroll_stop",
        ],
    ),
    # Work again: the branch hears of it, and a caseworker sees whether it is still the right one.
    (
        (63, 9, 1),
        "employment_changed",
        [
            M + "category_changed",
            E + "payroll_start",
            B + "branch_member_changed",
            C + "caseworker_task",
        ],
    ),
    ((63, 9, 5), "payroll_accepted", [M + "deduction_begins"]),
    (
        (64, 9, 1),
        "employment_changed",
        [
            M + "pension_reported",
            I + "insurance_status",
            B + "branch_member_changed",
            E + "payroll_stop",
        ],
    ),
    # A14: an early pensioner becomes a pensioner by the calendar alone, and is not asked before.
    # The 67th birthday also ends the cover against critical illness.
    (
        (67, 4, 12),
        "retirement_age_reached",
        [M + "retirement_age", M + "coverage_ended", I + "insurance_status"],
    ),
    # A17: the last coverage ends, and the premium with it: other dues, so a letter on them, too.
    (
        (68, 1, 1),
        "coverage_ended",
        [M + "coverage_ended", I + "insurance_status", M + "dues_changed"],
    ),
    (
        (69, 2, 1),
        "employment_changed",
        [
            M + "category_changed",
            E + "payroll_start",
            B + "branch_member_changed",
            C + "caseworker_task",
        ],
    ),
    ((69, 2, 10), "payroll_accepted", [M + "deduction_begins"]),
    (
        (70, 2, 1),
        "pension_reported",
        [M + "pension_reported", B + "branch_member_changed", E + "payroll_stop"],
    ),
    # M17: a neutral task, and nothing more to the member.
    ((80, 11, 25), "membership_ended", [C + "caseworker_task", B + "branch_member_left"]),
]


OUTWARD = frozenset({"employer", "branch", "recruiter"})


@dataclass(frozen=True)
class Calendar:
    """Turns (age, month, day) into dates: a year of hers is the year of her birth plus her age."""

    born: date
    joined: date

    def on(self, day):
        """Return a date of the tables."""
        named = {TODAY: self.joined, JOINED: self.joined.replace(day=1)}
        return named.get(day) or date(self.born.year + day[0], *day[1:])

    def sent(self, data):
        """Return a message's data with its dates, and (age, month) as a period."""
        return {name: self._written(value) for name, value in data.items()}

    def _written(self, value):
        if not isinstance(value, tuple):
            return value
        if len(value) == 2:
            return f"{self.on((*value, 1)):%Y-%m}"
        return str(self.on(value))


async def lived(apply):
    """Let her live the story; return her life and its calendar."""
    born = date(this_year(-20), 4, 12)
    life = await apply(
        application(
            applicant={"birth_date": str(born), "national_id": synthetic_id(str(born))},
            category="student",
            employment=None,
            study={"school": "UiB", "ends_on": f"{born.year + 23}-06-15"},
        )
    )
    await life.approve()
    joined = date.fromisoformat((await life.state())["member_since"])
    calendar = Calendar(born, joined)
    number = {"member_number": (await life.state())["member_number"]}
    for day, name, data in STORY:
        await life.reach(calendar.on(day))
        sure = number if name == "record_death" else {}
        await life.update(name, {**calendar.sent(data), **sure})
    return life, calendar


async def test_sixty_years_end_as_the_tables_say(apply):
    """Terms, letters and decisions of a whole life are those of the tables, and no others.

    Ten seconds are enough for them on an idle machine.
    """
    life, calendar = await lived(apply)
    state = await life.result()
    assert (state["stage"], state["outcome"]) == ("ended", "deceased")
    assert (state["category"], state["hidden"]) == ("pensioner", False)
    assert (state["insurance"]["status"], state["payroll"]["status"]) == ("ended", "stopped")
    assert state["rejected_messages"] == []
    assert state["awaiting"] == []

    names = ("kind", "amount_ore", "cadence", "payer", "valid_from", "valid_to")
    assert [tuple(term[name] for name in names) for term in state["terms"]] == sorted(
        ((*what, str(calendar.on(first)), str(calendar.on(end))) for *what, first, end in TERMS),
        key=lambda term: (term[0], term[4]),
    )
    assert await life.terms_kept() == state["terms"]
    assert await life.diary() == [(calendar.on(day), *rest) for day, *rest in DIARY]
    await check_mails(life, calendar)
    await check_histories(life)


async def check_mails(life, calendar):
    """Every letter arrived once; while she was hidden none went to an employer or a branch."""
    mails = await life.mailbox()
    assert len(mails) == sum(len(letters) for _, _, letters in DIARY)
    hidden, open_again = calendar.on((41, 2, 1)), calendar.on((42, 2, 1))
    outward = [
        (mail.audience, mail.template, mail.to)
        for mail in mails
        if hidden <= mail.sent_on < open_again and mail.audience in OUTWARD
    ]
    # L5: both go out before the flag takes effect. M15: the caseworkers decide how the
    # employer is told, so that mail goes to them.
    assert outward == [
        ("employer", "payroll_stop", "caseworkers@example.org"),
        ("branch", "branch_member_left", "bergen@example.org"),
    ]
    told = [(mail.sent_on, mail.to) for mail in mails if mail.audience == "employer"]
    eksempel, fjord = "lonn@eksempel.example", "lonn@fjorddrift.example"
    assert {to for day, to in told if day < calendar.on((28, 5, 1))} == {eksempel}
    # STOP to the old, START to the new.
    assert [to for day, to in told if day == calendar.on((28, 5, 1))] == [eksempel, fjord]
    assert {to for day, to in told if day >= calendar.on((69, 2, 1))} == {eksempel}


async def check_histories(life):
    """History stays small: none of the busiest year's run is long, and sixty years are little."""
    runs = await runs_of(life.handle, life.skipper.client)
    lengths = [len(run.events) for run in runs]
    # The year of the first job is the busiest: seven decisions of about 15 events each, and
    # students' questions. A quiet year is one timer and two tasks: 11 events.
    assert max(lengths) <= 200
    assert sum(lengths) <= 60 * 40
