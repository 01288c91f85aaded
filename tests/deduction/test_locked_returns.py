"""Returns that hold formulas, or come locked as their lists went out (D9)."""

import io
import zipfile

import pytest

from activities.deduction import locks
from activities.deduction.locks import payer_in, unlocked
from activities.letters.list_files import locked
from tests.deduction.saving import as_book, said


def formula(value, shared=b""):
    """Return a change that puts a formula into the first line, with what it came to.

    Args:
        value: what it came to; nothing: nobody worked it out.
        shared: what a program says of a formula that other cells share.
    """

    def change(content):
        book = as_book(content, edit=lambda sheet: sheet.__setitem__("I10", "=G10"))
        return _with_value(book, value, shared)

    return change


def _with_value(content, value, shared):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as own,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in own.infolist():
            data = own.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                told = b"<f" + shared + b">G10</f><v>" + value + b"</v>"
                data = data.replace(b"<f>G10</f><v></v>", told)
                data = data.replace(b"<f>G10</f><v />", told)
            made.writestr(part.filename, data)
    return out.getvalue()


async def test_a_formula_is_what_it_came_to(office, sent):
    """What its spreadsheet worked out is read; without that it is refused with its cell."""
    _, members, content = sent
    back = formula(b"495")(content)
    assert (await office.take(back)).faults == ()
    assert (members[0], 49500, None) in await said(office, back)
    for shared in (b"", b' t="shared" ref="I10:I12" si="0"'):
        verdict = await office.take(formula(b"", shared)(content))
        assert (verdict.outcome, verdict.cell) == ("refused", "I10")
        assert "write the amount" in verdict.reasons[0]


PASSWORD = "en lang setning 17"


async def test_a_return_may_come_locked_as_its_list_went_out(office, sent):
    """Under the password of the employer's lists, known by the file's name; no other opens it."""
    number, members, content = sent
    await office.pool.execute(
        "UPDATE employers SET email = 'lonn@a.example', list_channel = 'email', list_password = $1",
        PASSWORD,
    )
    back = locked(as_book(content), PASSWORD)
    taken = await office.take(back, name=f"Kopi av {number} (2).xlsx")
    assert (taken.outcome, taken.counted) == ("applied", 4)
    assert (members[2], 0, "UNPAID_LEAVE") in await said(office, back)
    for name, password in ((f"{number}.xlsx", "et annet passord"), ("retur.xlsx", PASSWORD)):
        refused = await office.take(locked(as_book(content), password), name=name)
        assert "locked by a password" in refused.reasons[0]


def test_a_lock_that_would_take_for_ever_is_not_tried(monkeypatch):
    """A file says how many rounds a key takes: beyond a bound it is not opened at all."""
    content = locked(as_book(b"Medlemsnummer;Trukket"), PASSWORD)
    assert unlocked(content, PASSWORD).startswith(b"PK")
    assert unlocked(content[:3000], PASSWORD) is None
    monkeypatch.setattr(locks, "MOST_ROUNDS", 99_999)
    assert unlocked(content, PASSWORD) is None


@pytest.mark.parametrize(
    ("name", "payer"),
    [
        ("00000012-3.xlsx", "00000012"), ("Kopi av 00000012-3 (1).xlsx", "00000012"),
        ("retur.xlsx", None), ("900000012-3.xlsx", None), ("2026-12-01.xlsx", None),
    ],
)  # fmt: skip
def test_a_file_name_tells_whose_list_it_was(name, payer):
    """Also of a copy that a mail program or a person made."""
    assert payer_in(name) == payer
