"""Which module has which command: loaded when it is asked for, so that each begins at once."""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer

from workers.cli.shared.interrupted import Interruptible

MODULES: dict[str, tuple[str, ...]] = {
    "stack.dev": ("dev",),
    "stack.demo": ("demo",),
    "stack.worker": ("worker",),
    "stack.gateway": ("gateway", "token"),
    "database": ("migrate",),
    "register.importing": ("import",),
    "register.exporting": ("export",),
    "membership.apply": ("apply",),
    "membership.send_and_show": ("send", "show"),
    "persons": ("person", "merge", "unmerge"),
    "membership.forecast": ("forecast", "explain"),
    "membership.paid_months": ("paid-months",),
    "membership.benefits": ("benefits",),
    "dues": ("dues-run",),
    "arrears": ("arrears", "hold-reminders", "payment-plan"),
    "pricing.reprice": ("reprice",),
    "pricing.budget": ("budget",),
    "statements.year_end": ("year-end", "tax-cap"),
    "statements.reporting": ("tax-report", "tax-objection"),
    "books.accounting": ("books", "chart", "receivables"),
    "books.branches": ("branch-dues", "branch-account"),
    "insurance.commands": (
        "insurance-file",
        "insurance-answer",
        "insurance-settlement",
        "insurance-account",
        "insurance-paid",
    ),
    "audit": ("audit",),
    "membership.rebuild": ("rebuild",),
    "membership.restored": ("restored",),
    "access": ("access-log",),
    "payments": ("payments", "suspense", "allocate", "take-in", "write-off"),
    "refunds": (
        "refund",
        "refunds",
        "refund-account",
        "approve-refund",
        "refund-file",
        "refund-paid",
        "refund-rejected",
    ),
    "refund_status": ("refund-status",),
    "direct_debit": ("mandates", "claims"),
    "shared.tasks": ("tasks",),
    "membership.inbox": ("inbox",),
    "letters": ("resend", "bounces", "post"),
    "shared.schedules": ("schedules",),
    "shared.search_attributes": ("search-attributes",),
    "shared.schema": ("schema",),
    "deduction": ("deduction-return", "deduction-difference"),
    "shared.contacts": ("contact",),
    "newsletter": ("newsletter",),
    "secrecy": ("keys",),
    "privacy": ("erase", "erasure-hold", "erasure-certificate"),
}
"""The commands of each module of ours that registers some, in the order of --help."""


def commands_of(module: str) -> MutableMapping[str, Any]:
    """Load a module, and return its commands by name."""
    app = typer.Typer(pretty_exceptions_enable=False)
    import_module(f"workers.cli.{module}").register(app)
    return typer.main.get_group(app).commands


class LoadedWhenAskedFor(MutableMapping[str, Any]):
    """Commands by name, each loaded with its module when it is first looked up."""

    def __init__(self) -> None:
        self._modules = {name: module for module, names in MODULES.items() for name in names}
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded.update(commands_of(self._modules[name]))
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class Commands(Interruptible):
    """All commands of the command line."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = LoadedWhenAskedFor()
