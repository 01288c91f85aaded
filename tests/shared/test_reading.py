"""JSON on its way out: it is checked to be JSON, and not changed by a single byte."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.cli.shared.reading import MAX_BYTES, read_many, read_one
from workers.errors import UserError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def saved(tmp_path):
    """Write a file and return its path."""

    def save(content):
        path = tmp_path / "applications.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return save


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param('{"a": 1.10}', ['{"a": 1.10}'], id="one"),
        pytest.param(' \n{"a":\n 1}\n ', ['{"a":\n 1}'], id="one over several lines"),
        pytest.param('"hello"', ['"hello"'], id="one that is no application"),
        pytest.param("\ufeff{}", ["{}"], id="with a byte order mark"),
        pytest.param('[{"a": 1.10} ,\n {"b":[2]}]', ['{"a": 1.10}', '{"b":[2]}'], id="array"),
        pytest.param("[[1, 2]]", ["[1, 2]"], id="array of an array"),
        pytest.param('{"a":1}\n\n{"b":2}\r\n', ['{"a":1}', '{"b":2}'], id="lines"),
        pytest.param('{"a":"\u2028"}\n{"b":2}', ['{"a":"\u2028"}', '{"b":2}'], id="odd lines"),
        pytest.param('{"a":1,"a":2}', ['{"a":1,"a":2}'], id="a field twice"),
    ],
)
def test_every_value_is_found_as_it_stands(saved, content, found):
    """Numbers keep their digits and fields their order: the membership judges what was written."""
    assert [part.decode() for part in read_many(saved(content))] == found


@settings(deadline=None)  # a busy machine is no fault
@given(values=st.lists(VALUES, min_size=1, max_size=6), indent=st.sampled_from([None, 1]))
def test_an_array_is_cut_where_its_elements_are(tmp_path_factory, values, indent):
    """Whatever the elements hold, brackets and commas in texts included."""
    path = tmp_path_factory.getbasetemp() / "array.json"
    path.write_text(json.dumps(values, indent=indent), encoding="utf-8")
    assert [json.loads(part) for part in read_many(str(path))] == values


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param("", "is empty: it must hold JSON", id="empty"),
        pytest.param(" \n ", "is empty: it must hold JSON", id="blank"),
        pytest.param("{'a': 1}", "is not JSON: ", id="Python"),
        pytest.param('{"a": 1,}', "(line 1, column", id="comma"),
        pytest.param('{"a": NaN}', "NaN is not a JSON value", id="NaN"),
        pytest.param('{"a": 1}\n{"b": }', "line 2, is not JSON", id="second line"),
        pytest.param(b'{"a": "\xe5"}', "is not UTF-8 text", id="Latin-1"),
        pytest.param("[" * 100_000, "is not JSON", id="very deep"),
        pytest.param(f'{{"a": {"9" * 5000}}}', "is not JSON that can be sent", id="huge number"),
        pytest.param(f'"{"x" * MAX_BYTES}"', "is too large", id="too large for Temporal"),
    ],
)
def test_what_is_not_json_is_said_in_a_sentence(saved, content, sentence):
    """The person learns what is wrong and where, before anything is sent."""
    for read in (read_one, read_many):
        with pytest.raises(UserError) as error:
            read(saved(content))
        if not (read is read_one and "line 2" in sentence):
            assert sentence in str(error.value)
        assert str(error.value).count("\n") == 0


def test_an_empty_list_holds_nothing_to_send(saved):
    """An export that found nobody must not look as if it had been sent."""
    with pytest.raises(UserError, match="holds nothing to send"):
        read_many(saved("[]"))


def test_a_file_that_is_not_there(tmp_path):
    """The sentence names the file."""
    with pytest.raises(UserError, match=r"nothing\.json can't be read \(No such file"):
        read_one(str(tmp_path / "nothing.json"))
    with pytest.raises(UserError, match="Is a directory"):
        read_one(str(tmp_path))
