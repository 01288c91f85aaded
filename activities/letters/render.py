"""Letters from their sources: one Jinja2 template in Markdown for each letter and language.

A source begins with a front part that names its version and the subject, and further subjects
where one source tells of several events::

    ---
    version: 1
    subject: Her er fakturaen din
    subject when credit: Du har penger til gode
    ---

A subject is plain words, never a variable: it may carry nothing about anybody (invariant 8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from activities.letters import markup, phrases, wording
from activities.letters.billing import lines_of
from activities.letters.spacing import HELD, grouped, held
from schemas.shared.vocabulary import Language

TEMPLATES = Path(__file__).with_name("templates")
LAYOUT = "layout.html"
SUBJECT = "subject"


@dataclass(frozen=True)
class Text:
    """A letter as it is read.

    Attributes:
        version: of the template it was written from.
        plain, html: the same content.
        blocks: once more, for paper: what kind of block, and its words.
    """

    version: int
    subject: str
    plain: str
    html: str
    blocks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Source:
    """A template with its front part.

    Attributes:
        subjects: by the event each is for; the usual one by None.
    """

    version: int
    subjects: Mapping[str | None, str]
    body: Template

    def subject_of(self, values: Mapping[str, Any]) -> str:
        """Return the subject of a letter: its event's own, or the usual one."""
        invoice = values.get("invoice")
        credit = invoice is not None and invoice.credit
        figures = values.get("figures", {})
        event = "credit" if credit else figures.get("about")
        if "settlement" in figures:
            event = "settlement"
        return self.subjects.get(event, self.subjects[None])


def render(template: str, language: Language, values: Mapping[str, Any]) -> Text:
    """Write a letter.

    Args:
        template: its name, one of ``schemas.shared.vocabulary.Template``.
        language: the reader's.
        values: what the template may use; whatever it uses beyond that is an error.

    Raises:
        jinja2.TemplateError: no such template, or a value is missing.
    """
    source = read_source(template, language)
    tokens = markup.parse(held(source.body.render(values)))
    plain = markup.to_text(tokens)
    subject = source.subject_of(values)
    layout = _layout_environment().get_template(LAYOUT)
    html = layout.render(language=language, subject=subject, body=markup.to_html(tokens))
    return Text(
        version=source.version,
        subject=subject,
        plain=plain,
        html=html,
        blocks=markup.to_blocks(tokens),
    )


@cache
def read_source(template: str, language: Language) -> Source:
    """Return a letter's source, which is read once: all stay, of each letter and language.

    Raises:
        jinja2.TemplateError: there is none, or it can't be read.
        ValueError: its front part is not complete.
    """
    environment = _environment(language)
    path = f"{language}/{template}.md"
    assert environment.loader is not None, "the environment was made with a loader"
    text, _, _ = environment.loader.get_source(environment, path)
    opening, front, body = text.split("---\n", 2)
    if opening:
        raise ValueError(f"{path} does not begin with its front part")
    facts = dict(line.split(": ", 1) for line in front.splitlines())
    return Source(
        version=int(facts["version"]),
        subjects={
            name.removeprefix(SUBJECT).removeprefix(" when ") or None: words
            for name, words in facts.items()
            if name.startswith(SUBJECT)
        },
        body=environment.from_string(body),
    )


@lru_cache
def _environment(language: Language) -> Environment:
    # Not autoescape: the sources are Markdown, and ``markup.escape`` is their escaping.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        undefined=StrictUndefined,
        finalize=_put_in,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "money": partial(wording.money, language=language),
        "day": partial(wording.day, language=language),
        "month": partial(wording.month, language=language),
        "fault": partial(wording.fault, language=language),
        "period": partial(wording.period, language=language),
        "benefits": partial(wording.benefits, language=language),
        "category": phrases.CATEGORIES[language].__getitem__,
        "change": phrases.CHANGES[language].__getitem__,
        "days": partial(wording.counted, unit="day", language=language),
        "months": partial(wording.counted, unit="month", language=language),
        "years": partial(wording.counted, unit="year", language=language),
        "phone": wording.phone,
        "grouped": grouped,
        "package": partial(wording.package, language=language),
        "coverage": phrases.COVERAGES[language].__getitem__,
        "in_order": wording.in_order,
        "total": wording.total,
        "items_by": items_by,
        "listed": partial(wording.listed, language=language),
        "cadence": phrases.CADENCES[language].__getitem__,
        "because": phrases.REASONS[language].__getitem__,
        "kind": phrases.KINDS[language].__getitem__,
        "lines": partial(lines_of, language=language),
        "account": account,
        "link": link,
        "rules": rules,
    }
    # Whoever prints a letter says so; whoever reads it can't reply to it then.
    environment.globals["posted"] = False
    environment.globals["charge"] = partial(wording.charge, language=language)
    return environment


@lru_cache
def _layout_environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,
        undefined=StrictUndefined,
        autoescape=True,
    )


def _put_in(value: object) -> object:
    if value is None:
        raise ValueError("a template puts in a value that is not there")
    # An undefined one is left alone: Jinja then says which it is.
    return value if isinstance(value, StrictUndefined) else markup.escape(value)


def account(number: str) -> str:
    """Return an account number as banks write it, 1234 56 78903."""
    return HELD.join((number[:4], number[4:6], number[6:]))


def items_by(rows: Sequence[Mapping[str, Any]], name: str, value: str) -> dict[str, Any]:
    """Return rows as a table: what one of their fields holds by what another names."""
    return {row[name]: row[value] for row in rows}


def rules(names: Sequence[str], page: str) -> markup.Trusted:
    """Return rules by their ids, each with a link; where the page has no address, with its path.

    Args:
        names: ids of docs/rules.md.
        page: where it is shown. It comes from our own settings.
    """
    if "://" not in page:
        return markup.Trusted(f"{', '.join(names)} ({markup.escape(page)})")
    return markup.Trusted(", ".join(f"[{name}](<{page}#{name.lower()}>)" for name in names))


def link(url: str) -> markup.Trusted:
    """Return a link that shows its address. ``url`` comes from our own settings."""
    return markup.Trusted(f"[{markup.escape(url)}](<{url}>)")
