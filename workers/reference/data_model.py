"""The page of the tables, docs/data-model.md: made from what the rooms' SQL says of itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from activities.database.schema import ROOMS, SCHEMAS

PAGE = "docs/data-model.md"

RELIES = {
    "refuse_change": "nothing: it only refuses. What has to change is a row of its own",
    "count_rulebook_change": "`activities/shared/rulebook.py` keeps its copy of the rulebook for "
    "as long as the number is the same",
    "keep_terms": "`activities/membership/decisions.py` supersedes terms and adds others, in the "
    "one statement of `write_decision`",
    "check_terms_without_gap": "`activities/membership/decisions.py`; the plan it writes comes "
    "from `schemas/dues/plan.py`",
    "mark_for_reassessment": "`activities/membership/decisions.py` writes terms and never the "
    "mark; `activities/dues/charging.py` compares who is marked, charges corrections and takes the "
    "mark away",
    "check_invoice_totals": "`activities/membership/decisions.py`, `activities/dues/charging.py`, "
    "`activities/deduction/settlement.py` and `recover_overdrawn`, which issue invoices with their "
    "lines",
    "number_invoice": "`activities/books/ledger.py` counts on every invoice having a number; "
    "whoever issues one writes none",
    "keep_all_but_payers": "`activities/payments/forgetting.py` forgets who paid, and nothing else "
    "of what the bank told",
    "protect_hidden_member": "nothing: it stands behind the gate, `activities/letters/gate.py`, "
    "and refuses what that one should not have let out",
    "keep_sent_letter": "nothing: it only refuses. `activities/letters/store.py` writes what "
    "becomes of a letter",
    "know_employer": "`activities/letters/payroll_channel.py` counts on a folder for whoever is "
    "asked to deduct",
    "name_present_employer": "`activities/letters/store.py` reads the employer a letter is for; "
    "whoever orders one need not name it",
    "check_allocations": "`activities/payments/allocation.py` and "
    "`activities/payments/suspense.py`, where by rule or by hand money is allocated",
    "check_refund_parts": "`activities/payments/refunds.py`, where credit is set apart",
    "tell_decisions": "`activities/events/reading.py` reads what happened; whoever writes a "
    "decision tells nobody",
    "tell_standing": "`activities/events/reading.py`, as of decisions",
    "tell_invoices": "`activities/events/reading.py`; whoever issues an invoice tells nobody",
    "tell_paid": "`activities/events/reading.py`; whoever allocates money tells nobody",
    "tell_deductions": "`activities/events/reading.py`; whoever settles a list tells nobody",
    "withdraw_clearance": "`activities/events/consumers.py` notes who changes an address, as who "
    "asks for it to be cleared anew",
    "keep_all_but_content": "`activities/payments/forgetting.py` forgets what files held, and "
    "nothing else of them",
    "keep_that_it_was_written": "nothing: it only refuses, but that receivers are forgotten",
    "check_recoveries": "`activities/payments/suspense.py`, where money makes up for what was paid "
    "back",
    "check_refund_filled": "`activities/payments/refunds.py`, which fills a refund in step by step",
    "mark_changed": "`activities/membership/changed.py`, which pages by the mark; nobody writes it",
    "list_issued_late": "`activities/arrears/overdue.py`, which looks at each day once",
    "fill_in_approval": "`activities/membership/senders.py`, which says who approves and of which "
    "decision, and not who had asked",
    "list_owed_again": "`activities/arrears/overdue.py`, which takes off the list what is paid",
}
"""Which Python counts on a trigger's function having run, so that nobody looks for it there."""

INTRO = """\
# The tables

<!-- Made by `make docs`; what is written here by hand is lost. -->

PostgreSQL holds what is so: persons, facts, terms, the ledger, letters, decisions. Each room has
its tables in `activities/<room>/sql/schema.sql`, with their constraints, indexes, functions and
triggers, and the rows it begins with in `sql/seed.sql`; `activities/database/schema.py` has the
order of their sum ([ADR 33](decisions/0033-the-schema-stands-in-the-rooms.md)). What stands here
of a table is its comment there.

Most tables are append-only: what changed is a further row, and the older one says how it was.

## What triggers what

![From a decision to a correction, and from a payment to an allocation](data-model.svg)

Red is what PostgreSQL does by itself, when a row is written; green is what a run does later.
"""


@dataclass
class Table:
    """What a room's SQL says of a table.

    Attributes:
        refers_to: the tables its foreign keys lead to, or it is a partition or a likeness of.
        triggers: name and function of each trigger on it.
    """

    name: str
    says: str
    refers_to: tuple[str, ...]
    triggers: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Room:
    """The SQL of a room, by kind, in its own order."""

    name: str
    tables: dict[str, Table] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)


def rooms() -> list[Room]:
    """Read the rooms' SQL, in the order in which they build upon each other."""
    found: dict[str, Room] = {}
    tables: dict[str, Table] = {}
    for path in SCHEMAS:
        room = found.setdefault(path.split("/")[0], Room(path.split("/")[0]))
        sql = (ROOMS / path).read_text(encoding="utf-8")
        said = dict(_comments(sql))
        for name, columns in re.findall(
            r"^ *CREATE TABLE ([\w.]+) (.*?);$", sql, re.MULTILINE | re.DOTALL
        ):
            leads = r"(?:REFERENCES|PARTITION OF|\(LIKE) (\w+)"
            refers_to = tuple(dict.fromkeys(re.findall(leads, columns)))
            tables[name] = room.tables[name] = Table(name, said[name], refers_to)
        for name in re.findall(r"^CREATE (?:FUNCTION|VIEW) (\w+)", sql, re.MULTILINE):
            room.others[name] = said[name]
        for name, table, function in re.findall(
            r"^CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s.*?\sON (\w+)\s.*?EXECUTE FUNCTION (\w+)",
            sql,
            re.MULTILINE | re.DOTALL,
        ):
            tables[table].triggers.append((name, function))
    return list(found.values())


def _comments(sql: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of each table, function and view."""
    text = r"((?:'(?:[^']|'')*'\s*)+);"
    about = rf"^ *COMMENT ON (?:TABLE|FUNCTION|VIEW) ([\w.]+)(?:\([^)]*\))? IS\s+{text}"
    for name, literals in re.findall(about, sql, re.MULTILINE):
        says = "".join(re.findall(r"'((?:[^']|'')*)'(?!')", literals)).replace("''", "'")
        yield name, says


def data_model() -> str:
    """Return the page."""
    every = rooms()
    said = {name: says for room in every for name, says in room.others.items()}
    fired: dict[str, list[str]] = {}
    for room in every:
        for table in room.tables.values():
            for _, function in table.triggers:
                fired.setdefault(function, []).append(table.name)
    lines = [INTRO, *_row("function", "runs when a row is written to", "why", "who relies on it")]
    for function, tables in fired.items():
        names = ", ".join(f"`{name}`" for name in dict.fromkeys(tables))
        where = "every append-only table" if function == "refuse_change" else names
        lines += [f"| `{function}` | {where} | {said[function]} | {RELIES[function]} |"]
    for room in every:
        lines += ["", f"## {room.name.capitalize()}", ""]
        if room.tables:
            lines += _row("table", "what it holds", "refers to", "triggers")
            lines += [_table_row(table) for table in room.tables.values()]
        if room.tables and room.others:
            lines.append("")
        if room.others:
            lines += [*_row("view or function", "what it is for")]
            lines += [f"| `{name}` | {says} |" for name, says in room.others.items()]
    return "\n".join(lines) + "\n"


def _row(*heads: str) -> list[str]:
    return [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]


def _table_row(table: Table) -> str:
    refers_to = ", ".join(f"`{name}`" for name in table.refers_to)
    triggers = ", ".join(f"`{name}`" for name, _ in table.triggers)
    return f"| `{table.name}` | {table.says} | {refers_to} | {triggers} |"
