"""Draws the demo on the terminal: a live timeline first, then the story, the mails, the invoice."""

from collections.abc import Sequence
from datetime import date, datetime

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from schemas.shared.calendar import oslo_date
from workers.demo.play import Life
from workers.demo.promises import Mail

WIDTH = 46
"""Characters of a timeline; one a day."""

MARKS = {
    "application_received": ("○", "cyan"),
    "application_invalid": ("✕", "red"),
    "application_rejected": ("✕", "red"),
    "application_approved": ("●", "green"),
    "payment_recorded": ("k", "yellow"),
    "payroll_accepted": ("L", "magenta"),
    "insurance_reserved": ("R", "blue"),
    "insurance_covered": ("F", "blue"),
}
"""How a decision stands in the timeline: its sign and colour."""

LEGEND = "○ applies ● approved ✕ ended k paid L payroll deduction R reserves F insured"


def timeline(lives: Sequence[Life]) -> RenderableType:
    """Return the picture of everybody's days so far, with how far the demo has come."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Who", style="bold", no_wrap=True)
    table.add_column(f"Days 0 to {WIDTH - 1}", no_wrap=True, min_width=WIDTH)
    table.add_column("Now", no_wrap=True)
    for life in lives:
        table.add_row(life.person.name, _line(life), _now(life))
    over = sum(life.over for life in lives)
    progress = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=len(lives), completed=over, width=WIDTH)
    progress.add_row(bar, f"{over} of {len(lives)}")
    return Group(table, Text(LEGEND, style="dim"), progress)


def _line(life: Life) -> Text:
    line = Text("·" * min(life.days + 1, WIDTH), style="dim")
    if not life.log:
        return line
    begun = oslo_date_of(life.log[0]["at"])
    signs = [" "] * WIDTH
    styles = [""] * WIDTH
    for decision in life.log:
        sign, style = MARKS.get(decision["about"], ("·", "dim"))
        day = min((oslo_date_of(decision["at"]) - begun).days, WIDTH - 1)
        while signs[day] not in " ·" and day < WIDTH - 1:
            day += 1
        signs[day], styles[day] = sign, style
    drawn = Text()
    for day in range(min(max(life.days + 3, 3), WIDTH)):
        drawn.append(signs[day] if signs[day] != " " else "─", styles[day] or "dim")
    return drawn


def oslo_date_of(moment: str) -> date:
    """Return the date in Europe/Oslo of an ISO moment from ``explain``."""
    return oslo_date(datetime.fromisoformat(moment))


def _now(life: Life) -> Text:
    stage = life.state.get("outcome") or life.state.get("stage") or "…"
    colour = {"active": "green", "ended": "red"}.get(life.state.get("stage", ""), "yellow")
    return Text(str(stage).replace("_", " "), style=colour)


def story(lives: Sequence[Life]) -> RenderableType:
    """Return everybody's decisions with their dates and rules."""
    root = Tree("[bold]What was decided, by whom, by which rule[/bold]", guide_style="dim")
    for life in lives:
        branch = root.add(Text(f"{life.person.name} · {life.person.role}", style="bold"))
        for line in life.log:
            text = Text(f"{oslo_date_of(line['at'])}  ")
            text.append(f"{line['decided_by']}: ", style="cyan")
            text.append(line["says"])
            text.append(f"  {', '.join(line['rules'])}", style="dim")
            branch.add(text)
    return root


def mails_table(lives: Sequence[Life], mails: Sequence[Mail]) -> RenderableType:
    """Return every mail that went out: about whom, to whom, under which subject."""
    names = {life.membership_id: life.person.name for life in lives}
    table = Table(title=f"{len(mails)} mails", box=box.SIMPLE_HEAD, title_justify="left")
    for column in ("About", "To", "Subject", "With"):
        table.add_column(column, overflow="fold")
    for mail in mails:
        files = [part.get_filename() or "" for part in mail.message.iter_attachments()]
        table.add_row(
            names[mail.membership_id],
            mail.audience.replace("_", " "),
            str(mail.message["Subject"]),
            ", ".join(files),
        )
    return table


def invoice_panel(mail: Mail, path: str) -> RenderableType:
    """Return the first invoice's letter as its reader sees it, and where its PDF lies."""
    body = mail.message.get_body(preferencelist=("plain",))
    text = body.get_content().strip() if body is not None else ""
    return Panel(Text(text), title=f"A first invoice · PDF in {path}", title_align="left")


def verdict(lives: Sequence[Life]) -> RenderableType:
    """Return whether everybody ended where the rules say."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("Who", "Ended as", "First invoice", "Insurance", "Payroll", "As the rules say"):
        table.add_column(column, overflow="fold")
    for life in lives:
        state = life.state
        invoice = state.get("first_invoice")
        table.add_row(
            life.person.name,
            _now(life),
            f"{invoice['total_ore'] / 100:.2f} kr" if invoice else "–",
            state["insurance"]["status"].replace("_", " "),
            state["payroll"]["status"].replace("_", " "),
            Text("no, see below", "red") if life.faults else Text("yes", "green"),
        )
    faults = [
        Text(f"{life.person.name}: {fault}", "red") for life in lives for fault in life.faults
    ]
    return Group(table, *faults)


def say(console: Console, line: str) -> None:
    """Print one line of ours, without markup: it may hold a path with brackets."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
