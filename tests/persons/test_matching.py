"""Who may be the same person, with what matched, and how certain that is (N8)."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.persons.likeness import IN_WORDS, Certainty, Sign
from schemas.persons.matching import Particulars, liken
from tests.builders import national_id

BORN = date(1986, 4, 12)
MAIL, PHONE, HOME = "felles@example.org", "+4798765432", ("Storgata 1", "0155")
ONE, TWO = national_id(BORN, 1), national_id(BORN, 2)
D_NUMBER = str(int(ONE[0]) + 4) + ONE[1:]
"""Whether its check digits are right is another rule's matter (N1)."""

CERTAIN, LIKELY, POSSIBLE = Certainty
S = Sign


def somebody(name="Kari Nordmann", born=BORN, number=None, mail=None, phone=None, home=None):
    """Return what is known of somebody of whom little is known."""
    return Particulars(
        birth_date=born,
        names=(name,) if isinstance(name, str) else name,
        national_id=number,
        emails=(mail,) if mail else (),
        phones=(phone,) if phone else (),
        addresses=(home,) if home else (),
    )


def said(one, other):
    """Return how certain two people are one and what matched, or None."""
    found = liken(one, other)
    return found and (found.certainty, set(found.signs))


SPELLINGS = [
    ("KARI  NORDMANN", CERTAIN, S.NAME),
    ("Kari\ufeff Nord\u200bmann", CERTAIN, S.NAME),
    ("Kari Nord\u034fmann\ufe0f", CERTAIN, S.NAME),
    ("Ｋari Nordmann", CERTAIN, S.NAME),
    ("Kári Nordmänn", LIKELY, S.NAME_LETTERS),
    ("Kari-Nordmann", LIKELY, S.NAME_LETTERS),
    ("Nordmann, Kari", LIKELY, S.NAME_ORDER),
    ("Kari Anne Nordmann", LIKELY, S.NAME_PARTS),
    ("Kari Nordmann Hansen", LIKELY, S.NAME_PARTS),
    ("Kari Normann", LIKELY, S.NAME_TYPO),
    ("Kari Nordmnan", LIKELY, S.NAME_TYPO),
    ("Normann Kari", LIKELY, S.NAME_TYPO),
    ("Kari Hansen", LIKELY, S.FIRST_NAME),
    ("Krai Nordmann", POSSIBLE, S.FIRST_NAME_TYPO),
    ("Marit Nordmann", POSSIBLE, S.SURNAME),
    ("Ola Hansen", POSSIBLE, None),
]


@pytest.mark.parametrize(("name", "certainty", "sign"), SPELLINGS)
def test_one_name_is_spelt_in_many_ways(name, certainty, sign):
    """With the birth date and the e-mail address the same, what is said is how the names differ."""
    found = liken(somebody(mail=MAIL), somebody(name, mail=MAIL.upper()))
    assert (found.certainty, found.signs[1]) == (certainty, sign or S.EMAIL)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Åse Bjørnæs", "Aase Bjoernaes"),
        ("Åse Bjørnæs", "Ase Bjornaes"),
        ("ÅSE BJØRNÆS", unicodedata.normalize("NFD", "Åse Bjørnæs")),
        ("André Léon", "Andre Leon"),
        ("Öberg Sjöström", "Øberg Sjøstrøm"),
        ("Ola O’Neil", "Ola ONeil"),
        ("Наталья Коваль", "Natalya Koval"),
    ],
)
def test_letters_of_other_keyboards_make_no_other_name(one, other):
    """Å or Aa, ø, oe or o, é or e: the same name in other letters, or the very same."""
    found = liken(somebody(one), somebody(other))
    assert found.signs[0] is S.BIRTH_DATE
    assert found.signs[1] in {S.NAME_LETTERS, S.NAME}


SHARED = {"mail": MAIL, "phone": PHONE, "home": HOME}
REACHED = {S.EMAIL, S.PHONE, S.ADDRESS}

PAIRS = {
    "Ola and Ole are two: a name of three letters has no typing error": (
        somebody("Ola Nordmann"),
        somebody("Ole Nordmann"),
        None,
    ),
    "Olav and Olaf may be one: a name of four letters has one": (
        somebody("Olav Nordmann"),
        somebody("Olaf Nordmann"),
        (POSSIBLE, {S.BIRTH_DATE, S.FIRST_NAME_TYPO}),
    ),
    "a national id is enough": (
        somebody(number=ONE),
        somebody("Ola Hansen", date(1990, 1, 1), ONE),
        (CERTAIN, {S.NATIONAL_ID}),
    ),
    "name, birth date and e-mail, and a number on one side only": (
        somebody(number=ONE, mail=MAIL),
        somebody(mail=MAIL),
        (CERTAIN, {S.BIRTH_DATE, S.NAME, S.EMAIL}),
    ),
    "the same, with two numbers": (
        somebody(number=ONE, **SHARED),
        somebody(number=TWO, **SHARED),
        (POSSIBLE, {S.OTHER_NATIONAL_ID, S.BIRTH_DATE, S.NAME, *REACHED}),
    ),
    "the same, with a D-number and the national id after it": (
        somebody(number=D_NUMBER, mail=MAIL),
        somebody(number=ONE, mail=MAIL),
        (LIKELY, {S.D_NUMBER, S.BIRTH_DATE, S.NAME, S.EMAIL}),
    ),
    "a namesake, born on the same day": (
        somebody(),
        somebody(mail=MAIL),
        (POSSIBLE, {S.BIRTH_DATE, S.NAME}),
    ),
    "a namesake of another birth date": (somebody(), somebody(born=date(1986, 5, 11)), None),
    "only the phone, of the same day": (
        somebody(phone=PHONE),
        somebody("Ola Hansen", phone=PHONE),
        (POSSIBLE, {S.BIRTH_DATE, S.PHONE}),
    ),
    "married, with the phone of before": (
        somebody(phone=PHONE),
        somebody("Kari Hansen", phone=PHONE),
        (LIKELY, {S.BIRTH_DATE, S.FIRST_NAME, S.PHONE}),
    ),
    "married, at the address of before": (
        somebody(home=HOME),
        somebody("Kari Hansen", home=("Storgt. 1, H0201", "0155")),
        (LIKELY, {S.BIRTH_DATE, S.FIRST_NAME, S.ADDRESS}),
    ),
    "married, and nothing else": (somebody(), somebody("Kari Hansen"), None),
    "the name she had when she left": (
        somebody(("Kari Hansen", "Kari Nordmann"), mail=MAIL),
        somebody(mail=MAIL),
        (LIKELY, {S.BIRTH_DATE, S.NAME, S.EARLIER_NAME, S.EMAIL}),
    ),
    "the e-mail address she had when she left": (
        replace(somebody(), emails=("ny@example.org", MAIL)),
        somebody(mail=MAIL),
        (LIKELY, {S.BIRTH_DATE, S.NAME, S.EMAIL, S.EARLIER_EMAIL}),
    ),
    "day and month swapped": (
        somebody(mail=MAIL),
        somebody(born=date(1986, 12, 4), mail=MAIL),
        (POSSIBLE, {S.BIRTH_DATE_SWAPPED, S.NAME, S.EMAIL}),
    ),
    "another digit of the year": (
        somebody(phone=PHONE),
        somebody("Kari Anne Nordmann", date(1988, 4, 12), phone=PHONE),
        (POSSIBLE, {S.BIRTH_DATE_DIGIT, S.NAME_PARTS, S.PHONE}),
    ),
    "another digit of the year, and only an address": (
        somebody(home=HOME),
        somebody(born=date(1988, 4, 12), home=HOME),
        None,
    ),
    "another digit of the year, and two numbers": (
        somebody(number=ONE, mail=MAIL),
        somebody(born=date(1988, 4, 12), number=TWO, mail=MAIL),
        None,
    ),
    "twins": (
        somebody("Marit Nordmann", **SHARED),
        somebody("Kari Nordmann", **SHARED),
        (POSSIBLE, {S.BIRTH_DATE, S.SURNAME, *REACHED, S.TWINS}),
    ),
    "twins whose names differ by a letter": (
        somebody("Marius Nordmann", **SHARED),
        somebody("Markus Nordmann", **SHARED),
        (POSSIBLE, {S.BIRTH_DATE, S.FIRST_NAME_TYPO, *REACHED, S.TWINS}),
    ),
    "twins with the same first of two names": (
        somebody("Anne Kari Nordmann", **SHARED),
        somebody("Anne Berit Nordmann", **SHARED),
        (POSSIBLE, {S.BIRTH_DATE, S.OTHER_MIDDLE_NAME, *REACHED, S.TWINS}),
    ),
    "twins, by their numbers": (
        somebody("Marit Nordmann", number=ONE, **SHARED),
        somebody("Kari Nordmann", number=TWO, **SHARED),
        None,
    ),
    "a couple with one e-mail address": (
        somebody(mail=MAIL, home=HOME),
        somebody("Ola Nordmann", date(1984, 1, 30), mail=MAIL, home=HOME),
        None,
    ),
    "one name for all": (
        somebody("Kari", mail=MAIL),
        somebody(mail=MAIL),
        (LIKELY, {S.BIRTH_DATE, S.FIRST_NAME, S.EMAIL}),
    ),
    "born on the same day, and nothing else": (somebody(), somebody("Ola Hansen"), None),
}


@pytest.mark.parametrize("case", PAIRS)
def test_two_people_and_what_is_said_of_them(case):
    """What matched, and how certain it is, by hand for each pair."""
    one, other, expected = PAIRS[case]
    assert said(one, other) == said(other, one) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Storgata 1", "0155"), ("Storgaten 1", "0155"), True),
        (("Storgata 1", "0155"), ("STOR GATE 1", "0155"), True),
        (("Fjellveien 12 B", "5003"), ("Fjellvn. 12b", "5003"), True),
        (("Storgata 1", "0155"), ("Storgata 11", "0155"), False),
        (("Storgata 1", "0155"), ("Storgata 1", "1555"), False),
        (("Storgatan 1", "114 55"), ("Storgatan 1", "11455"), True),
    ],
)
def test_one_address_is_written_in_many_ways(one, other, same):
    """The word for street, and the number of the flat, tell no two homes apart."""
    found = liken(somebody(home=one), somebody("Ola Hansen", home=other))
    assert (found is not None) is same


def test_the_four_of_one_person_find_each_other():
    """A typo, a middle name and the case of the e-mail address: all may be one person."""
    known = {"mail": MAIL, "phone": PHONE}
    four = [
        somebody("Kari Nordmann", **known),
        somebody("Kari Normann", **known),
        somebody("Kari Anne Nordmann", mail=MAIL.upper(), phone=PHONE),
        somebody("KARI NORDMANN", **known),
    ]
    assert all(liken(one, other) for one in four for other in four)


def test_every_sign_has_words():
    """A caseworker reads what matched."""
    assert set(IN_WORDS) == set(Sign)


LETTERS = "abcdefghijklmnopqrstuvwxyzæøåäöüéèêçñšžłðþß"
WORD = st.text(LETTERS, min_size=1, max_size=9)
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad\u034f\ufe0f\u180e\u2800"
DAY = st.dates(date(1950, 1, 1), date(1950, 12, 31))
PERSON = st.builds(
    Particulars,
    birth_date=DAY,
    names=st.lists(NAME, min_size=1, max_size=2).map(tuple),
    national_id=st.sampled_from([None, ONE, TWO, D_NUMBER]),
    emails=st.lists(st.sampled_from([MAIL, "ny@example.org"]), max_size=2).map(tuple),
    phones=st.lists(st.just(PHONE), max_size=1).map(tuple),
    addresses=st.lists(st.just(HOME), max_size=1).map(tuple),
)


@st.composite
def relatives(draw):
    """Return two people who have much in common."""
    one = draw(PERSON)
    other = draw(PERSON)
    if draw(st.booleans()):
        other = replace(other, names=one.names)
    if draw(st.booleans()):
        other = replace(other, birth_date=one.birth_date)
    return one, other


@given(relatives())
def test_it_is_said_of_both_alike(pair):
    """Whoever came first, the same is said."""
    one, other = pair
    assert said(one, other) == said(other, one)


@given(relatives())
def test_two_national_ids_are_never_certainly_one(pair):
    """Whatever else is the same, two different numbers say that it is not certain."""
    one, other = pair
    found = liken(one, other)
    if one.national_id and other.national_id and one.national_id != other.national_id:
        assert found is None or found.certainty is not CERTAIN


@given(relatives(), st.data())
def test_what_nobody_sees_changes_nothing(pair, data):
    """An invisible character, the case, blanks and the normal form of a name are no difference."""
    one, other = pair
    name = one.names[0]
    place = data.draw(st.integers(0, len(name)))
    hidden = name[:place] + data.draw(st.sampled_from(INVISIBLE)) + name[place:]
    form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    written = data.draw(st.sampled_from([str, str.upper, str.title, "  {} ".format]))
    disguised = replace(one, names=(unicodedata.normalize(form, written(hidden)), *one.names[1:]))
    assert said(one, other) == said(disguised, other)
