"""A function of one expression is part of the plan that asks it, and no call for each row."""

FUNCTIONS = """
SELECT proname AS name, ARRAY(
    SELECT format_type(type, NULL)
    FROM unnest(proargtypes) WITH ORDINALITY AS given (type, place) ORDER BY place) AS types
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND NOT proretset
  AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
  AND provolatile <> 'v' AND NOT prosecdef AND NOT proisstrict AND proconfig IS NULL
  -- A query of its own can't be part of another one.
  AND pg_get_functiondef(oid) !~* '\\mselect\\M'
"""


async def test_expressions_are_part_of_the_plan(pool):
    """One that is said to change less than what it calls is called, at ten times the cost."""
    functions = await pool.fetch(FUNCTIONS)
    assert {"charge_hash", "letter_message_id", "share_of"} <= {row["name"] for row in functions}
    called = [row["name"] for row in functions if not await _is_part(pool, row)]
    assert called == [], "each takes less if it is said to be STABLE, as what it calls is"


async def _is_part(pool, row):
    names = [f"value_{number}" for number in range(len(row["types"]))]
    given = ", ".join(
        f"NULL::{type_} AS {name}" for name, type_ in zip(names, row["types"], strict=True)
    )
    plan = await pool.fetch(
        f"EXPLAIN (VERBOSE, COSTS OFF) SELECT {row['name']}({', '.join(names)})"
        f" FROM (SELECT {given} OFFSET 0) AS given"
    )
    return f"{row['name']}(" not in plan[0][0] + plan[1][0]
