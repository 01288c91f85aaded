"""Reads the rulebook, and keeps a copy for as long as nothing in it changes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from activities.database.pool import load_queries
from schemas.pricing.rulebook import Rulebook

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")


class RulebookReader:
    """The rulebook of one database.

    Args:
        allow_synthetic_ids: whether test numbers count as national ids; never in production.
    """

    def __init__(self, *, allow_synthetic_ids: bool) -> None:
        self._allow_synthetic_ids = allow_synthetic_ids
        self._copy: tuple[int, Rulebook] | None = None

    async def current(
        self, connection: asyncpg.pool.PoolConnectionProxy, revision: int | None = None
    ) -> Rulebook:
        """Return the rulebook as it stands.

        When it has changed its revision tells, which the trigger ``count_rulebook_change`` counts.

        Args:
            connection: within the caller's transaction, if there is one.
            revision: the one in force, when the caller has just read it.
        """
        if revision is None:
            revision = await _SQL.read_revision(connection)
        if self._copy is None or self._copy[0] != revision:
            row = await _SQL.read_rulebook(connection)
            self._copy = (row["revision"], self._assemble(row))
        return self._copy[1]

    def _assemble(self, row: Mapping[str, Any]) -> Rulebook:
        book = Rulebook(
            version="",
            allow_synthetic_ids=self._allow_synthetic_ids,
            dues=row["dues"] or (),
            premiums=row["premiums"] or (),
            coverages=row["coverages"] or (),
            branches=row["branches"] or (),
            benefits=row["benefits"] or (),
            policies=resolved(row["policies"] or []),
            charged_years=row["charged_years"] or (),
        )
        return book.model_copy(update={"version": version_of(book)})


def resolved(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Return all policies as they stand at every date at which one of them changes.

    Args:
        rows: name, ``valid_from`` and value of single policies, sorted by ``valid_from``.

    A policy that has not begun by a date has the default of ``schemas.pricing.rulebook.Policies``
    there.
    """
    entries: dict[str, dict[str, Any]] = {}
    standing: dict[str, Any] = {}
    for row in rows:
        standing = {**standing, row["name"]: row["value"], "valid_from": row["valid_from"]}
        entries[row["valid_from"]] = standing
    return tuple(entries.values())


def version_of(book: Rulebook) -> str:
    """Return the content hash of a rulebook.

    Whether test numbers are allowed is left out: it is a setting of the process, and two
    workers that differ in it must not void each other's decisions for ever.
    """
    content = book.model_dump_json(exclude={"version", "allow_synthetic_ids"})
    return hashlib.sha256(content.encode()).hexdigest()
