"""What the bank says that it has taken off an entry or transaction in camt for itself."""

from xml.etree.ElementTree import Element

from activities.payments.camt_messages import ore_of, text_of


def charges_of(element: Element) -> int:
    """Return the charges that an ``Ntry`` or ``TxDtls`` tells of itself, in øre.

    Newer versions keep records below one element, older ones repeat it; either may say the total.
    What is not in NOK, or can't be read, is nothing: then the entry does not add up.
    """
    total = 0
    for charges in element.findall("{*}Chrgs"):
        told = ore_of(charges.find("{*}TtlChrgsAndTaxAmt"))
        parts = charges.findall("{*}Rcrd") or [charges]
        total += sum(map(_charged, parts)) if told is None else told
    return total


def _charged(record: Element) -> int:
    ore = ore_of(record.find("{*}Amt")) or 0
    return -ore if text_of(record, "CdtDbtInd") == "CRDT" else ore
