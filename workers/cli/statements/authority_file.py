"""The tax authority's XML for union dues, written from its public description (ADR 61)."""

from collections.abc import AsyncIterator, Mapping
from typing import IO, Any
from xml.sax.saxutils import escape

from schemas.shared.texts import in_xml
from schemas.statements.deliveries import Delivery

NAMESPACE = "urn:ske:fastsetting:innsamling:fagforeningskontingent:v2"

LONGEST_NAME = 100


class CutShort(Exception):
    """Lines of a delivery are no longer there: who they were of has been erased."""


async def write_delivery(
    file: IO[bytes], delivery: Delivery, lines: AsyncIterator[Mapping[str, Any]]
) -> None:
    """Write the file of a delivery, line by line: the same bytes for the same delivery.

    A correction is an ordinary delivery of what has changed: a line replaces what was told of its
    person, and one of 0 takes it back.

    Args:
        file: open for writing.
        delivery: whose totals stand at the end.
        lines: of the delivery: national id, name and whole kroner.

    Raises:
        CutShort: the lines are not those that the totals are of.

    Source: X3, N3.
    """
    file.write(_head(delivery).encode())
    count, kroner = 0, 0
    async for line in lines:
        file.write(_line(line).encode())
        count, kroner = count + 1, kroner + line["kroner"]
    if (count, kroner) != (delivery.line_count, delivery.total_kroner):
        raise CutShort
    file.write(_tail(delivery).encode())


def _head(delivery: Delivery) -> str:
    sender = delivery.sender
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<melding xmlns="{NAMESPACE}">
  <leveranse>
    <kildesystem>Medlemsflyt</kildesystem>
    <oppgavegiver>
      <organisasjonsnummer>{sender.orgnr}</organisasjonsnummer>
      <organisasjonsnavn>{_text(sender.name)}</organisasjonsnavn>
      <kontaktinformasjon>
        <navn>{_text(sender.name)}</navn>
        <varselEpostadresse>{_text(sender.email)}</varselEpostadresse>
      </kontaktinformasjon>
    </oppgavegiver>
    <inntektsaar>{delivery.year}</inntektsaar>
    <oppgavegiversLeveranseReferanse>{delivery.reference}</oppgavegiversLeveranseReferanse>
    <leveransetype>ordinaer</leveransetype>
"""


def _line(line: Mapping[str, Any]) -> str:
    return f"""    <oppgave>
      <oppgaveeier>
        <foedselsnummer>{line["national_id"]}</foedselsnummer>
        <navn>{_text(line["name"])}</navn>
      </oppgaveeier>
      <beloep>{line["kroner"]}</beloep>
    </oppgave>
"""


def _tail(delivery: Delivery) -> str:
    return f"""    <oppgaveoppsummering>
      <antallOppgaver>{delivery.line_count}</antallOppgaver>
      <sumBeloep>{delivery.total_kroner}</sumBeloep>
    </oppgaveoppsummering>
  </leveranse>
</melding>
"""


def _text(text: str) -> str:
    return escape(in_xml(text)[:LONGEST_NAME])
