"""Which module has which command: loaded when it is asked for, so that each begins at once."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

from workers.cli.shared.interrupted import Interruptible

MODULES: dict[str, dict[str, str]] = {
    "stack.dev": {
        "dev": "Run Temporal, PostgreSQL, a mail sink and the three workers here, until Ctrl-C.",
    },
    "stack.demo": {
        "demo": (
            "Let eight people join and one live to 80, in fast-forward; check that all end by "
            "the rules."
        ),
    },
    "stack.doctor": {
        "doctor": "Look at all that a deployment needs, and say what is to be mended.",
    },
    "stack.worker": {
        "worker": "Run one worker until SIGTERM or Ctrl-C; settings come from the environment.",
    },
    "stack.gateway": {
        "gateway": "Run the gateway until SIGTERM or Ctrl-C; settings come from the environment.",
        "token": "Print a token for the gateway of a running `medlemsflyt dev`, good for an hour.",
    },
    "database": {
        "migrate": (
            "Bring the schema of the database named by DATABASE_URL up to date, and grant all "
            "rights."
        ),
    },
    "register.importing": {
        "import": (
            "Carry a register of another system over; with --dry-run, compare before anything "
            "moves."
        ),
    },
    "register.exporting": {
        "export": (
            "Write all members as a register that `import` and other systems read: for your "
            "eyes only."
        ),
    },
    "membership.apply": {
        "apply": "Send an application, or several: a JSON array, or one JSON value a line.",
    },
    "membership.send_and_show": {
        "send": "Send a message to a membership, and print its answer.",
        "show": (
            "Show where a membership stands, ended ones as well, and which letters did not arrive."
        ),
    },
    "persons": {
        "person": (
            "Show a person with all memberships, and the memberships of who may be the same person."
        ),
        "merge": "Decide that two people are one: all memberships become the first one's.",
        "unmerge": (
            "Undo the latest merge of a person: the two are two again, and what was given back "
            "is owed."
        ),
    },
    "membership.forecast": {
        "forecast": "Show what will happen to a member until 80 if nobody else does anything.",
        "explain": (
            "Show why: of every amount and wait the rule and the fact, who reported it, and when."
        ),
    },
    "membership.paid_months": {
        "paid-months": (
            "Say how many months a person has fully paid, over all memberships, and what help "
            "is open."
        ),
    },
    "membership.benefits": {
        "benefits": "Say what help and which benefits a person may have on a day, and why.",
    },
    "dues": {
        "dues-run": (
            "Charge every member once for a month; run again, it charges only what is missing."
        ),
    },
    "arrears": {
        "arrears": (
            "Remind, warn and strike off who has not paid; run again today, it adds nothing."
        ),
        "hold-reminders": "Have a member not reminded, warned or struck off before a day.",
        "payment-plan": (
            "Agree on instalments for all that a member owes; kept, nothing of it is pursued."
        ),
    },
    "pricing.reprice": {
        "reprice": (
            "Try out new prices with --dry-run, or approve them and announce them to all concerned."
        ),
    },
    "pricing.budget": {
        "budget": (
            "Say what will be charged if nobody does anything, by month, kind, category and branch."
        ),
    },
    "statements.year_end": {
        "year-end": "Make each member's statement for a year that is over, and have them sent.",
        "tax-cap": "Set the most that is deductible of a year's dues.",
    },
    "statements.reporting": {
        "tax-report": (
            "Say what the tax authority was told of a year and is still to be told, or make "
            "the file."
        ),
        "tax-objection": (
            "Have the tax authority told nothing of a member's dues, as the member wishes."
        ),
    },
    "books.accounting": {
        "books": "Say how each account stands, and write what was booked for the accounting.",
        "chart": (
            "List which account of the accounting each of the ledger is, or give one another "
            "number."
        ),
        "receivables": "Say what members and employers owe, and how long it has been overdue.",
    },
    "books.branches": {
        "branch-dues": (
            "Settle with all branches what a month brought in, and ask for it to be paid out."
        ),
        "branch-account": "Say to which account a branch's money goes from a day on.",
    },
    "insurance.commands": {
        "insurance-file": (
            "Tell the insurance office who came in, went out, reserved or has another cover."
        ),
        "insurance-answer": (
            "Take the insurance office's answer: everybody it has, and with which cover and "
            "premium."
        ),
        "insurance-settlement": (
            "Book what has been received as premium until a month's end, and is owed to the office."
        ),
        "insurance-account": (
            "Say to which account the insurance office's money goes from a day on."
        ),
        "insurance-paid": (
            "Say which debit of the bank paid the insurance office, all that was owed until a "
            "month."
        ),
    },
    "audit": {
        "audit": (
            "Compare workflows, terms, ledger, lists and messages; mend what is safe, hold the "
            "rest."
        ),
    },
    "membership.rebuild": {
        "rebuild": "Bring memberships back whose workflow was lost, stopped, reset or wedged.",
    },
    "membership.restored": {
        "restored": (
            "Say that PostgreSQL was put back to an earlier moment, before the workers start."
        ),
    },
    "events": {
        "events": (
            "Print what happened to members as CloudEvents, one a line, in the order it came about."
        ),
    },
    "consumers": {
        "consumer": "The systems that events are posted to: add, list, pause, resume, replay.",
    },
    "access": {
        "access-log": "List who looked at what and did what through the gateway, the newest first.",
    },
    "payments": {
        "payments": (
            "Book a file of the bank; an entry that can't be used is set aside, and keeps no "
            "other out."
        ),
        "suspense": (
            "List the money that no invoice could be found for, with who paid it, the oldest first."
        ),
        "allocate": (
            "Allocate money in suspense to an invoice, to what a member owes, or to an "
            "employer's list."
        ),
        "take-in": (
            "Book money that was set aside because it might have been the same as another payment."
        ),
        "write-off": (
            "Let go all that is open of an invoice: a loss in the books, undone by another "
            "decision."
        ),
    },
    "refunds": {
        "refund": "Ask for money in suspense, or a member's credit, to be paid out.",
        "refunds": (
            "List the refunds that are not over, the oldest first, and how far each has come."
        ),
        "refund-account": "Name the account that a refund goes to, until somebody has approved it.",
        "approve-refund": "Approve a refund that somebody else has asked for, or refuse it.",
        "refund-file": (
            "Write what is approved into a file for the bank (pain.001), for its owner's eyes only."
        ),
        "refund-paid": "Say which of the bank's debits a refund is, where the bank does not tell.",
        "refund-rejected": (
            "Say that the bank has rejected an instruction, so that nothing has left."
        ),
    },
    "refund_status": {
        "refund-status": (
            "Take in what the bank says of a file of refunds (pain.002): accepted, waiting or "
            "rejected."
        ),
    },
    "direct_debit": {
        "mandates": "List who has told the bank to pay by AvtaleGiro, as the bank's files have it.",
        "claims": (
            "Tell the bank what to collect by AvtaleGiro today, and write its file; again: the "
            "same file."
        ),
    },
    "shared.tasks": {
        "tasks": "List the caseworkers' tasks about money, the oldest first; or close one.",
    },
    "membership.inbox": {
        "inbox": "List what waits for the caseworkers, the most urgent first.",
    },
    "letters": {
        "resend": "Send a letter again, to wherever its reader takes mail now.",
        "bounces": "Read the reports of mail servers on letters that came back later.",
        "post": "Print the letters of members without an e-mail address, to be posted.",
    },
    "shared.schedules": {
        "schedules": (
            "Make the Temporal Schedules, or bring them up to date, and say when they run next."
        ),
    },
    "shared.search_attributes": {
        "search-attributes": (
            "Add the search attributes that the Temporal namespace lacks, and say what each holds."
        ),
    },
    "shared.schema": {
        "schema": "Print the JSON Schemas (2020-12) of what a membership takes and answers.",
    },
    "deduction": {
        "deduction-return": (
            "Take an employer's report on a deduction list, and answer it line by line."
        ),
        "deduction-difference": (
            "Show what an employer's reports on a list say differently, line by line; or decide."
        ),
    },
    "shared.contacts": {
        "contact": "Set where letters to employers and branches go, and what branches charge.",
    },
    "newsletter": {
        "newsletter": "Who gets the newsletter, member or not. Nothing here tells who is a member.",
    },
    "secrecy": {
        "keys": (
            "Show how many keys each master key wraps; with --rotate-master, put all under a "
            "new one."
        ),
    },
    "privacy": {
        "erase": (
            "Erase a person with all memberships: at once, or as soon as nothing stands in the way."
        ),
        "erasure-hold": (
            "Keep a membership from being erased before a day, by request or by itself."
        ),
        "erasure-certificate": "Show the certificate of an erasure, once its signature holds.",
    },
}
"""The commands of each module of ours that registers some, in the order of --help.

With each the line that --help and the shell say of it, for which no module is loaded.
"""

LINES = {name: line for names in MODULES.values() for name, line in names.items()}


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
        self._are_listed = False

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - of the library
        """Return the names; the library would load each command for that."""
        return list(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, or None; while all are listed, what is said of it and no more."""
        if self._are_listed:
            return TyperCommand(cmd_name, help=LINES[cmd_name])
        return super().get_command(ctx, cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List all commands."""
        with self._listed():
            super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """List the commands that a word may become."""
        with self._listed():
            return super().shell_complete(ctx, incomplete)

    @contextmanager
    def _listed(self) -> Iterator[None]:
        self._are_listed = True
        try:
            yield
        finally:
            self._are_listed = False
