"""Returns in the shape of real ones: each comes to what a person would make of it (D9)."""

from pathlib import Path

from tests.deduction.saving import NAMES, said

CASES = Path(__file__).with_name("cases")
IDS = ("01818649904", "02828649933", "03838649962", "04848649991")
"""Of nobody real, as they stand in the files."""

# Øre deducted of each of the four, None where its line does not count; and what is asked about.
FILES = {
    "excel-csv-to-xlsx.xlsx": ((49500, 49500, 0, 49500), []),
    # 494.99999999999994, and 99.99000000000001 of the one on leave.
    "float.xlsx": ((49500, 49500, 9999, 49500), []),
    "nfd.csv": ((49500, 49500, 0, 49500), []),
    "ore.csv": ((None, 49500, 0, 49500), ["I10"]),
}


async def test_what_a_return_comes_to(office):
    """What a spreadsheet has done to it is read; øre written for kroner are asked about."""
    members = [
        await office.joins(name=name, national_id=number)
        for name, number in zip(NAMES, IDS, strict=True)
    ]
    await office.ready(*members)
    for name, (deducted, asked) in FILES.items():
        content = (CASES / name).read_bytes()
        verdict = await office.take(content)
        assert (verdict.outcome, [one.cell for one in verdict.faults]) == ("applied", asked), name
        assert await said(office, content) == {
            (member, ore, "UNPAID_LEAVE" if member == members[2] else None)
            for member, ore in zip(members, deducted, strict=True)
            if ore is not None
        }, name
