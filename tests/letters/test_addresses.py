"""How e-mail addresses are read, and compared."""

from contextlib import suppress

import idna
import pytest
from pydantic import TypeAdapter

from schemas.letters.addresses import email_key
from schemas.membership.application import Email


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ola@straße.de", "ola@straße.de"),
        ("ola@xn--strae-oqa.de", "ola@straße.de"),
        ("ola@strasse.de", "ola@strasse.de"),
        ("Ola@Blåbær.example", "Ola@blåbær.example"),
    ],
)
def test_an_address_keeps_its_domain(given, kept):
    """IDNA 2008: straße.de is not strasse.de, however it is written."""
    assert TypeAdapter(Email).validate_python(given) == kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ola@straße.de", "OLA@XN--STRAE-OQA.DE", True),
        ("ola@straße.de", "ola@strasse.de", False),
        ("Kari@Example.org", "kari@example.org", True),
        ("kari@blåbær.example", "kari@xn--blbr-roah.example", True),
        # What is no address, such as a member number, is compared as it stands.
        ("00000017", "00000017", True),
        ("a@-b..c", "A@-B..C", True),
    ],
)
def test_two_addresses_are_compared_by_where_mail_goes(one, other, same):
    """Case and the way a domain is written make no difference; another domain does."""
    assert (email_key(one) == email_key(other)) is same


def test_a_domain_in_plain_letters_is_read_as_it_is_written():
    """It has nothing to decode: whatever sign stands in it, that changes no more than its case."""
    for char in map(chr, range(128)):
        domain = f"A{char}b.Example.org"
        decoded = domain
        with suppress(idna.IDNAError):
            decoded = idna.decode(domain, uts46=True)
        assert email_key(f"kari@{domain}") == f"kari@{decoded.lower()}"
