"""Lists of whatever length: a page for people, a stream for programs."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from activities.shared import tasks
from activities.shared.tasks import close_task, count_tasks, open_task, tasks_in_order
from workers.cli.shared.listing import at_most, page, stream_json

TODAY = date(2026, 11, 27)


async def numbers(last: int, asked: list[int]):
    """Count from 0, and note how far it came."""
    for number in range(last):
        asked.append(number)
        yield number


@pytest.mark.parametrize(("limit", "rows"), [(None, 5), (1, 1), (4, 4), (9, 5)])
async def test_no_more_is_asked_for_than_is_shown(limit, rows):
    """What is behind the limit is never read."""
    asked: list[int] = []
    assert [n async for n in at_most(numbers(5, asked), limit)] == list(range(rows))
    assert len(asked) == rows


async def test_people_get_a_page_of_a_long_list():
    """200 of 1,000."""
    asked: list[int] = []
    assert len(await page(numbers(1_000, asked), None)) == len(asked) == 200


async def test_a_stream_is_one_json_object_on_one_line(capsys):
    """As `json` would write it, whatever is long, empty or no list at all."""
    value = {
        "open": {"suspense": 2},
        "text": "Åse\n",
        "none": [],
        "some": [{"a": "ø"}, {"a": None}],
    }

    async def rows(name: str):
        for row in value[name]:
            yield row

    await stream_json(value | {"none": rows("none"), "some": rows("some")})
    out = capsys.readouterr().out
    assert out == json.dumps(value, ensure_ascii=False) + "\n"


async def test_tasks_come_page_by_page_and_none_twice(pool, monkeypatch):
    """Seven by three: the oldest first, by kind, and behind one that was closed meanwhile."""
    monkeypatch.setattr(tasks, "PAGE", 3)
    async with pool.acquire() as connection:
        for number in range(7):
            await open_task(
                connection,
                key=f"matter/{number}",
                kind="even" if number % 2 == 0 else "odd",
                says=str(number),
                today=TODAY - timedelta(days=number // 2),
            )

        async def said(**chosen: Any) -> str:
            return "".join([task.says async for task in tasks_in_order(connection, **chosen)])

        # 0 and 1 are of today, 2 and 3 of yesterday, 4 and 5 of the day before, 6 is the oldest.
        assert await said() == "6452301"
        assert await said(kind="odd") == "531"
        assert await count_tasks(connection) == {"even": 4, "odd": 3}
        (fifth,) = [t.task_id async for t in tasks_in_order(connection) if t.says == "5"]
        await close_task(connection, fifth, today=TODAY, by="kari", note=None)
        assert await said(after=fifth) == "2301"
