"""The page of the tables knows every one, and what PostgreSQL does by itself is told in Python."""

import re
from pathlib import Path

import pytest

from activities.database.schema import whole
from workers.reference.data_model import PAGE, RELIES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")

CATALOG = {
    "tables": "SELECT concat_ws('.', nullif(nspname, 'public'), relname) FROM pg_class"
    " JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname IN ('public', 'keys')"
    " AND relkind IN ('r', 'p', 'v') AND relname <> 'alembic_version'",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')",
}


@pytest.mark.parametrize("kind", CATALOG)
async def test_everything_in_the_database_is_on_the_page(pool, kind):
    """Whoever meets a table, a trigger or a function finds what it is for."""
    names = {row[0] for row in await pool.fetch(CATALOG[kind])}
    assert len(names) > 20
    assert {name for name in names if f"`{name}`" not in TEXT} == set()


def test_what_is_drawn_is_in_the_database():
    """The picture names nothing that has been renamed."""
    drawn = re.findall(r'class="q c"[^>]*>(\w+)<', (ROOT / "docs" / "data-model.svg").read_text())
    assert len(drawn) > 20
    sql = whole() + (ROOT / "activities/membership/sql/queries.sql").read_text()
    assert {name for name in drawn if not re.search(rf"\b{name}\b", sql)} == set()


async def test_every_trigger_is_told_where_python_relies_on_it(pool):
    """What happens by itself is found by whoever reads the code that counts on it."""
    functions = await pool.fetch(
        "SELECT DISTINCT proname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE NOT tgisinternal"
    )
    assert {row["proname"] for row in functions} == set(RELIES)
    silent = [
        (function, path)
        for function, says in RELIES.items()
        for path in re.findall(r"`(activities/\S+\.py)`", says)
        if function not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert silent == []
