import json
from pathlib import Path

import pytest

from hclarity.errors import BadDataError, HclarityError, MissingInputError, UsageError
from hclarity.remixing.ear_levels import EarLevels
from hclarity.remixing.gains_file import ChosenGains, read_gains
from hclarity.remixing.stem_gains import StemGains

SEVERAL = '{"gain_0001": {"vocals": 3, "drums": 0}, "gain_0002": {"vocals": -6}}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gains.json"


@pytest.mark.parametrize(
    ("text", "gains_id", "gains"),
    [
        ('{"vocals": 3, "drums": -2.5}', None, {"vocals": 3, "drums": -2.5}),
        ("{}", None, {}),
        (SEVERAL, "gain_0001", {"vocals": 3, "drums": 0}),
        (SEVERAL, "gain_0002", {"vocals": -6}),
        ('{"gain_0002": {"source_1": -6}}', None, {"source_1": -6}),
        ('\ufeff{"vocals": 3}', None, {"vocals": 3}),
    ],
)
def test_gains_are_read(
    path: Path, text: str, gains_id: str | None, gains: dict[str, float]
) -> None:
    path.write_text(text, encoding="utf-8")
    assert read_gains(path, gains_id) == ChosenGains(StemGains(gains))


def test_what_was_chosen_on_a_page_is_read(path: Path) -> None:
    ears = {"prescription_percent": 75, "left_db": 0, "right_db": -2.5}
    path.write_text(json.dumps({"stem_gains_db": {"vocals": 3, "drums": -60}, **ears}))
    stems = StemGains({"vocals": 3, "drums": -60})
    assert read_gains(path) == ChosenGains(stems, EarLevels(75, 0, -2.5))
    path.write_text('{"stem_gains_db": {}}')
    assert read_gains(path) == ChosenGains(StemGains({}), EarLevels(100, 0, 0))


@pytest.mark.parametrize(
    ("text", "gains_id", "kind", "told"),
    [
        (SEVERAL, None, UsageError, "2 sets of gains, choose one with --gains-id: 'gain_000"),
        (SEVERAL, "gain_0003", UsageError, "no gains 'gain_0003'; there are 'gain_0002'"),
        ('{"vocals": 3}', "gain_0001", UsageError, "one set without an id"),
        ('{"vocals": "3"}', None, BadDataError, "'vocals' must be a number, got the text '3'"),
        ('{"vocals": 30}', None, BadDataError, "30 dB for vocals is outside"),
        ('{"vocals": NaN}', None, BadDataError, "NaN is not a number"),
        ('{"a": {"vocals": 3}, "b": 3}', "b", BadDataError, "'b' must be an object, got 3"),
        ('{"stem_gains_db": {}, "right": 1}', None, BadDataError, "unknown key 'right'; beside"),
        ('{"stem_gains_db": {"a": 11}}', None, BadDataError, "11 dB for a is outside"),
        ('{"stem_gains_db": 3}', None, BadDataError, "stem_gains_db must be an object"),
        ('{"stem_gains_db": {}, "left_db": 1}', None, BadDataError, "left_db must be -60 to 0 dB"),
        (
            '{"stem_gains_db": {}, "prescription_percent": 101}',
            None,
            BadDataError,
            "prescription_percent must be 0 to 100, got 101",
        ),
        ('{"stem_gains_db": {}}', "a", UsageError, "one set without an id"),
        ("[3]", None, BadDataError, "must be an object, got a list"),
        ("", None, BadDataError, "not stem gains: it is empty"),
    ],
)
def test_what_is_no_file_of_gains(
    path: Path, text: str, gains_id: str | None, kind: type[HclarityError], told: str
) -> None:
    path.write_text(text)
    with pytest.raises(kind) as caught:
        read_gains(path, gains_id)
    assert str(caught.value).startswith(f"{path}: ")
    assert told in str(caught.value)


def test_a_file_that_is_not_there_or_too_large(path: Path) -> None:
    with pytest.raises(MissingInputError, match="there is no such file"):
        read_gains(path)
    path.write_bytes(b" " * 4_000_001)
    with pytest.raises(BadDataError, match="larger than"):
        read_gains(path)
