import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError
from hclarity.hearing.strict_json import as_list, as_number, as_object, as_text, parse

documents = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(documents)
def test_ordinary_documents_are_read_as_the_standard_reader_reads_them(document):
    assert parse(json.dumps(document)) == document


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not JSON: .* at line 1, column 1"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ("[NaN]", "NaN is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ('{"a": {"b": 1, "b": 2}}', "'b' is given twice"),
        ("[" * 65 + "]" * 65, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_what_the_standard_reader_lets_pass_or_dies_of_is_refused(text, complaint):
    with pytest.raises(BadDataError, match=complaint):
        parse(text)


def test_the_deepest_document_is_read():
    assert parse("[" * 63 + '{"a": 1}' + "]" * 63)


def test_an_integer_without_end_is_just_too_large():
    assert parse("9" * 100_000) == float("inf")


@pytest.mark.parametrize(
    ("ask", "value", "complaint"),
    [
        (as_object, [], "it must be an object, got a list"),
        (as_list, {}, "it must be a list, got an object"),
        (as_number, True, "it must be a number, got true"),
        (as_number, "12", "it must be a number, got the text '12'"),
        (as_number, None, "it must be a number, got null"),
        (as_text, 4.5, "it must be text, got 4.5"),
        (as_text, ["x"], "it must be text, got a list"),
        (as_list, "\x1b[2J\n" * 99, r"got the text '\\x1b\[2J\\n"),
    ],
)
def test_a_value_of_another_kind_is_named_in_one_line(ask, value, complaint):
    with pytest.raises(BadDataError, match=complaint) as caught:
        ask(value, "it")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 250
