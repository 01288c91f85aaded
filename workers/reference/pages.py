"""The pages of docs/ that are made from what they describe: `make docs` writes them.

A test compares them with what this would write, so none falls behind.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic import BaseModel
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from schemas import names
from schemas.access import roles as access
from schemas.access.second_person import BY_ONE, BY_TWO
from schemas.membership.messages import MESSAGES
from schemas.membership.published import bundle, schemas
from schemas.pricing.described import described as described_policies
from schemas.pricing.rulebook import Policies
from schemas.register.columns import TABLES
from workers.cli import app
from workers.cli.shared.options import AsJson, DataDir
from workers.gateway.api.api import described
from workers.reference import data_model, rules_page
from workers.variables import CONTAINERS, REQUIRED, SECTIONS, Variable

MADE = "<!-- Made by `make docs`; what is written here by hand is lost. -->"
SHARED = {get_args(option)[1].help for option in (DataDir, AsJson)}
"""What is said of options of nearly every command: told once, above them all."""

Schema = dict[str, Any]


def pages(root: Path) -> dict[str, str]:
    """Return every page that is made, by its path from the root of the checkout."""
    rules = (root / rules_page.PAGE).read_text(encoding="utf-8")
    return {
        data_model.PAGE: data_model.data_model(),
        "docs/decisions/README.md": decisions(root / "docs" / "decisions"),
        rules_page.PAGE: rules_page.completed(rules, root),
        rules_page.TITLES: rules_page.titles(rules),
        "docs/reference/commands.md": commands(),
        "docs/reference/messages.md": messages(),
        "docs/reference/names.md": known_names(),
        "docs/reference/openapi.json": _json(described()),
        "docs/reference/policies.md": policies(),
        "docs/reference/register.md": register_columns(),
        "docs/reference/roles.md": roles(),
        "docs/reference/schemas.json": _json(bundle()),
        "docs/reference/settings.md": settings(),
    }


def _json(value: Schema) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def decisions(folder: Path) -> str:
    """List the decisions with what their heads say of them."""
    rows = []
    for page in sorted(folder.glob("[0-9]*.md")):
        head = page.read_text(encoding="utf-8").split("\n## ", 1)[0]
        number, title = re.findall(r"^# (\d+)\. (.*)$", head, re.MULTILINE)[0]
        about = dict(re.findall(r"^- ([A-Z][a-z ]+): (.*)$", head, re.MULTILINE))
        amended = about.get("Amended by", "")
        rows.append((number, f"[{title}]({page.name})", about["Status"], about["Date"], amended))
    return _page(
        "Decisions",
        "Why it is built this way: one page a decision, as it was made, with what it costs. A "
        "decision that another replaces stays and says so; a number that is missing was given "
        "out and not used. Whoever adds one copies the form of the last.",
        *_table(("ADR", "decision", "status", "date", "amended by"), rows),
    )


def settings() -> str:
    """List the variables of the environment."""
    return _page(
        "Settings",
        "Every variable of the environment. An empty one counts as one that is not set. Each "
        "process reads them all and refuses to start on a wrong one, with a sentence; *used by* "
        "says which goes by it: one of the three workers, `migrate`, `dev`, or the other commands. "
        "Where nothing stands under *in production* the default counts there too. With `--data`, "
        "and on the stack of `medlemsflyt dev`, the stack's own addresses count instead.",
        *(line for title, variables in SECTIONS.items() for line in _section(title, variables)),
        "## What only docker-compose.yml reads",
        "",
        *_table(("variable", "what it is for", "default"), [_told(v) for v in CONTAINERS]),
    )


def _section(title: str, variables: Sequence[Variable]) -> Iterator[str]:
    head = ("variable", "what it is for", "default", "in production", "used by")
    rows = [
        (
            *_told(each),
            f"**{each.production}**" if each.production == REQUIRED else each.production,
            ", ".join(each.used_by),
        )
        for each in variables
    ]
    yield from (f"## {title}", "", *_table(head, rows), "")


def _told(each: Variable) -> tuple[str, str, str]:
    name = f"`{each.name}`" + (" **secret**" if each.secret else "")
    return name, each.means, f"`{each.default}`" if each.default else ""


def commands() -> str:
    """Describe every command with its arguments and options, as its --help does."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    found = list(_commands(root, typer.Context(root, info_name="medlemsflyt")))
    return _page(
        "Commands",
        f"What `medlemsflyt COMMAND --help` says, of {len(found)} commands. Nearly all take "
        "`--data DIR`, the folder of the running stack (`.medlemsflyt` if one runs there, else the "
        "environment's addresses), and `--json`, which prints JSON and nothing else on standard "
        "output. Exit code 0: done; 1: refused, or something is left; 2: not done, with a sentence "
        "on standard error that says what to do.",
        *(line for command, context in found for line in _command(command, context)),
    )


def _commands(
    group: TyperGroup, context: typer.Context
) -> Iterator[tuple[TyperCommand, typer.Context]]:
    """Every command below a group, in the order of --help."""
    for name, command in group.commands.items():
        within = typer.Context(command, info_name=name, parent=context)
        if isinstance(command, TyperGroup):
            yield from _commands(command, within)
        elif isinstance(command, TyperCommand):
            yield command, within


def _command(command: TyperCommand, context: typer.Context) -> Iterator[str]:
    path = context.command_path.removeprefix("medlemsflyt ")
    usage = " ".join(command.collect_usage_pieces(context)).replace("{", "").replace("}", "")
    yield from (f"## {path}", "", f"`medlemsflyt {path} {usage}`", "")
    yield from (*(command.help or "").splitlines(), "")
    rows = [row for parameter in command.params if (row := _parameter(parameter, context))]
    if rows:
        yield from (*_table(("argument or option", "meaning"), rows), "")


def _parameter(parameter: object, context: typer.Context) -> tuple[str, str] | None:
    """A row of the table; None for what is told once, above."""
    assert isinstance(parameter, TyperArgument | TyperOption)
    record = parameter.get_help_record(context)
    if record is None or parameter.help in SHARED:
        return None
    name, about = record
    return f"`{name}`", about


def messages() -> str:
    """Describe what a membership is started with, takes and answers."""
    made = schemas()
    taken = {"application", *MESSAGES}
    return _page(
        "Messages",
        "What starts a membership, what it takes and what it answers. Each message is a signal and "
        "an update of the same name, with the same JSON; fields in bold are required. The dates in "
        "the examples stand for your own. `medlemsflyt schema NAME` prints the same as a JSON "
        "Schema, with every bound. How to send them: [for other systems](../for-other-systems.md).",
        "## What it takes",
        *(line for name in made if name in taken for line in _message(name, made[name])),
        "",
        "## What it answers",
        *(line for name in made if name not in taken for line in _message(name, made[name])),
    )


def known_names() -> str:
    """List what Temporal knows us by."""
    queues = (
        (f"`{names.MEMBERSHIP_QUEUE}`", "every workflow"),
        (f"`{names.PERSISTENCE_QUEUE}`", "what memberships do on PostgreSQL"),
        (f"`{names.BULK_QUEUE}`", "what runs over many members do on PostgreSQL"),
        (f"`{names.NOTIFICATIONS_QUEUE}`", "activities that send"),
        (f"`{names.MAILINGS_QUEUE}`", "pages of mailings, sent by the same workers"),
        (f"`{names.DELIVERIES_QUEUE}`", "events that are posted, by the same workers"),
    )
    types = [(f"`{name}`", f"`{names.SHOWN[name]}`") for name in names.WorkflowType]
    attributes = [(f"`{one.name}`", one.kind, one.holds) for one in names.SEARCH_ATTRIBUTES]
    return _page(
        "Names",
        "What Temporal knows us by; none of it is ever renamed, and none says anything about "
        "anybody. `medlemsflyt search-attributes` adds what a namespace lacks.",
        "## Task queues",
        "",
        *_table(("task queue", "what runs there"), queues),
        "",
        "## Workflows",
        "",
        "A workflow that is started under an id of another form does nothing and says so; a "
        "membership ends as invalid.",
        "",
        *_table(("type", "id"), types),
        "",
        "## Search attributes",
        "",
        *_table(("search attribute", "kind", "what it holds"), attributes),
    )


def roles() -> str:
    """List who may send, start and see what."""
    kinds = [(f"`{role}`", says) for role, says in access.MEANS.items()]
    return _page(
        "Roles",
        "Who may do what. Whatever has no row nobody may. The gateway refuses by it, and a "
        "workflow does once more where the message says who sent it. A branch sees the members of "
        "its own who are not hidden, and nothing else.",
        *("## The roles", "", *_table(("role", "what it is for"), kinds), ""),
        *("## Who may send a message", ""),
        *_allowed(("workflow", "message"), access.MAY_SEND),
        *("## Who may start a workflow", "", *_who_may("workflow", access.MAY_START), ""),
        *("## Who may ask a query", ""),
        *_allowed(("workflow", "query"), access.MAY_QUERY),
        *("## Who may have the server do something to a workflow", ""),
        *_who_may("what", access.MAY_OPERATE),
        *("", "## Who may read what is kept beside workflows", ""),
        *_who_may("what", access.MAY_VIEW),
        *("", "## Who may do what at the desk beside sending messages", ""),
        *_who_may("what", access.MAY_DO),
        *("", "## What takes two people", ""),
        *_table(
            ("what", "when", "refused by"),
            [
                (matter, f"`{by.policy}` is on" if by.policy else "always", f"`{by.constraint}`")
                for matter, by in BY_TWO.items()
            ],
        ),
        *("", "What one person decides alone:", ""),
        *_table(("what", "who, and what stands beside it"), list(BY_ONE.items())),
    )


def _allowed(
    head: tuple[str, str], table: Mapping[names.WorkflowType, Mapping[str, access.Roles]]
) -> Iterator[str]:
    rows = [
        (f"`{kind}`", f"`{name}`", _who(who))
        for kind, row in table.items()
        for name, who in row.items()
    ]
    yield from (*_table((*head, "who"), rows), "")


def _who_may(head: str, table: Mapping[Any, access.Roles]) -> Iterator[str]:
    yield from _table((head, "who"), [(f"`{what}`", _who(who)) for what, who in table.items()])


def _who(who: access.Roles) -> str:
    """Return roles in the order in which they are listed."""
    return ", ".join(f"`{role}`" for role in access.AccessRole if role in who) or "nobody"


def register_columns() -> str:
    """List the columns of a register, table by table."""
    lines: list[str] = []
    for table in TABLES:
        rows = [
            (f"`{column.name}`", "yes" if column.required else "", column.kind.says, column.says)
            for column in table.columns
        ]
        lines += [f"## {table.name}", ""]
        lines += [*_table(("column", "required", "write", "what"), rows), ""]
    return _page(
        "Columns of a register",
        "What stands in the tables of a register that is moved in or out; "
        "[Moving a register](../importing.md) tells how. An empty cell says nothing; a column that "
        "is not required may be left out.",
        *lines,
    )


def policies() -> str:
    """List the readings of ours, with all that each may be."""
    return _page(
        "Policies",
        "Where the union's text is silent the answer is ours: each is a dated row of the table "
        "`policies`, and what no row says has its default. `medlemsflyt reprice --policy "
        "NAME=VALUE --dry-run` shows what another answer would come to, the same with "
        "`--approved-by` makes it hold from a month on. The rules stand in "
        "[the rules](../rules.md).",
        *(
            line
            for section in Policies.__bases__
            if issubclass(section, BaseModel)
            for line in _policies(section)
        ),
    )


def _policies(section: type[BaseModel]) -> Iterator[str]:
    yield from (f"## {(section.__doc__ or '').rstrip('.')}", "")
    rows = [
        (
            f"`{one.name}`",
            ", ".join(f"`{value}`" for value in one.choices) or one.span,
            f"`{one.default}`",
            f"[{one.rule}](../rules.md#{one.rule.lower()})",
            one.says,
        )
        for one in described_policies(section).values()
    ]
    yield from (*_table(("policy", "values", "default", "rule", "what it decides"), rows), "")


def _message(name: str, schema: Schema) -> Iterator[str]:
    """Purpose, fields and example, from a published schema alone."""
    yield from ("", f"### {name}", "", _plain(schema["description"]), "")
    yield from _fields(schema, schema)
    for title, part in schema.get("$defs", {}).items():
        if "properties" in part:
            yield from ("", f"**{title}**: {_plain(part['description'])}", "")
            yield from _fields(part, schema)
    example = json.dumps(schema["examples"][0], ensure_ascii=False, indent=2)
    yield from ("", "```json", *example.splitlines(), "```")


def _fields(part: Schema, schema: Schema) -> Iterator[str]:
    required = part.get("required", ())
    rows = [
        (
            f"**{field}**" if field in required else field,
            _type(about, schema),
            _plain(about["description"]),
        )
        for field, about in part.get("properties", {}).items()
    ]
    yield from _table(("field", "type", "meaning"), rows)


def _type(about: Schema, schema: Schema) -> str:
    """What may stand in a field, in a word or two."""
    if "anyOf" in about:
        return " or ".join(dict.fromkeys(_type(each, schema) for each in about["anyOf"]))
    if "$ref" in about:
        title = about["$ref"].rsplit("/", 1)[-1]
        part = schema["$defs"][title]
        return title if "properties" in part else _type(part, schema)
    if "const" in about:
        return f"`{json.dumps(about['const'])}`"
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    if about.get("type") == "array":
        return f"list of {_type(about['items'], schema)}"
    return str(about.get("format") or about["type"])


def _plain(text: str) -> str:
    return text.split("\n\n", 1)[0]


def _page(title: str, purpose: str, *lines: str) -> str:
    return "\n".join((f"# {title}", "", MADE, "", purpose, "", *lines)).rstrip("\n") + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; a bar or a line break within a cell must not end it."""
    yield _row(head)
    yield "|" + "---|" * len(head)
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(c.split()).replace("|", r"\|") for c in cells) + " |"


def main() -> None:
    """Write all pages into the checkout that this is run in."""
    for path, text in pages(Path.cwd()).items():
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
