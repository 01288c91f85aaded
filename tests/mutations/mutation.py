"""A rule made wrong in one place, and the tests that must notice."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One rule made wrong.

    Attributes:
        rule: its id in docs/rules.md.
        path: the file, from the root of the project.
        old: stands in it exactly once.
        new: what is put in its place.
        tests: one of them must fail then; files, from the root of the project.
    """

    rule: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def says(self) -> str:
        """One line for whoever reads the report."""
        return f"{self.rule:<12} {self.path}: {shown(self.old)} -> {shown(self.new)}"


def mutations(
    path: str, tests: tuple[str, ...], changes: Iterable[tuple[str, str, str]]
) -> tuple[Mutation, ...]:
    """Return the mutations of one file: rule, old text, new text."""
    return tuple(Mutation(rule, path, old, new, tests) for rule, old, new in changes)


def shown(text: str) -> str:
    """Return a text as it fits on a line."""
    plain = " ".join(text.split())
    return f"`{plain if len(plain) < 120 else f'{plain[:117]}...'}`"
