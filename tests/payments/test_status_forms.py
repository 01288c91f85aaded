"""A status report (pain.002) in the forms that banks and their systems give it (P8)."""

import pytest

from activities.payments.suspense import NotPossible
from tests.payments.test_refund_status import ONE, OTHER, payment, report, told, why

DECLARED = '<?xml version="1.0" encoding="{}"?>'
REASON = why("AC04", text="stengt på grunn av dødsfall")
BOTH = {ONE: "accepted", OTHER: "accepted"}

READ = {
    "small letters": (report(payment(ONE, "rjct")), {ONE: "rejected"}),
    "blanks around the id": (report(payment(f" {ONE} ", "ACSC")), {ONE: "accepted"}),
    "partly accepted of no payment": (report(group="PATC"), {}),
    "one accepted of what is rejected": (
        report(payment(ONE, "ACCP"), group="RJCT"),
        {ONE: "accepted", OTHER: "rejected"},
    ),
    "none of ours": (report(payment("R0000000000000009", "RJCT")), {}),
    "no id": (report(payment("NOTPROVIDED", "RJCT"), group="PART"), {}),
    "a mark": (b"\xef\xbb\xbf" + report(group="ACCP"), BOTH),
    "an empty line in front": (b"\r\n" + report(group="ACCP"), BOTH),
    "UTF-16": ((DECLARED.format("UTF-16") + report(group="ACCP").decode()).encode("utf-16"), BOTH),
    "ISO-8859-1": (
        (DECLARED.format("ISO-8859-1") + report(payment(ONE, "RJCT", more=REASON)).decode()).encode(
            "iso-8859-1"
        ),
        {ONE: "rejected"},
    ),
    "no kind of message": (report(group="ACCP", kind=""), BOTH),
    "a kind in capitals": (report(group="ACCP", kind="PAIN.001"), BOTH),
    "an envelope": (b"<Env>" + report(group="ACCP") + b"</Env>", BOTH),
}


@pytest.mark.parametrize(("content", "says"), READ.values(), ids=READ)
def test_a_form_says_the_same(content, says):
    """Whatever is around it, of each refund what is said of it, and nothing of any other."""
    assert told(content) == says


@pytest.mark.parametrize("version", [f"{n:02d}" for n in range(3, 15)])
def test_every_version_is_read(version):
    """Of the versions of the message none is asked for: what is rejected is."""
    assert told(report(payment(ONE, "RJCT"), group="PART", version=version)) == {ONE: "rejected"}


REFUSED = {
    "it is empty": b"",
    "not well-formed": b"%PDF-1.4",
    "cut off": report(group="ACCP")[:-20],
    "several reports": b"<E>" + report(group="RJCT") + report(group="ACCP") + b"</E>",
    "document type": b"<!DOCTYPE a>" + report(group="ACCP"),
    "another kind of message": report(group="ACCP", kind="pain.008.001.02"),
}


@pytest.mark.parametrize(("says", "content"), REFUSED.items(), ids=REFUSED)
def test_what_is_none_is_refused_with_its_reason(says, content):
    """Nothing follows of it for any refund."""
    with pytest.raises(NotPossible, match=says):
        told(content)
