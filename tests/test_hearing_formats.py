import json
import os
import sys

import pytest
from hearing_strategies import BISGAARD

from hclarity.errors import BadDataError, MissingInputError, UsageError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.formats import example_listener, read_listener, read_listeners

EAR = {"250": 20, "1000": 35.5, "4000": 60}
EAR_TEXT = json.dumps(EAR)
CADENZA = {
    "name": "L1",
    "audiogram_cfs": [250, 1000, 4000],
    "audiogram_levels_l": [20, 35.5, 60],
    "audiogram_levels_r": [15, 30, 55],
}


@pytest.fixture
def written(tmp_path):
    """Put an object, text or bytes into a file and return its path."""

    def write(content, name="me.json"):
        path = tmp_path / name
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def cadenza(**changes):
    return {**CADENZA, **changes}


def without(key):
    return {name: value for name, value in CADENZA.items() if name != key}


def test_our_own_shape(written):
    listener = read_listener(written({"name": "Ada", "left": EAR, "right": {**EAR, "250": 5}}))
    assert listener.name == "Ada"
    assert listener.left == Audiogram((250, 1000, 4000), (20, 35.5, 60))
    assert listener.right.thresholds == (5, 35.5, 60)


def test_the_order_of_keys_means_nothing(written):
    shuffled = {"4000": 60, "250": 20, "1000": 35.5}
    listener = read_listener(written({"right": shuffled, "left": EAR}))
    assert listener.left == listener.right
    assert listener.name == ""


@pytest.mark.parametrize("content", [CADENZA, {"L1": CADENZA}])
@pytest.mark.parametrize("listener_id", [None, "L1"])
@pytest.mark.parametrize("name", ["listeners.json", "me.txt", "me"])
def test_the_cadenza_shape_is_known_by_its_content(written, content, listener_id, name):
    listener = read_listener(written(content, name), listener_id)
    assert listener.name == "L1"
    assert listener.left.thresholds == (20, 35.5, 60)
    assert listener.right.thresholds == (15, 30, 55)


def test_the_listener_asked_for_is_the_one_returned(written):
    path = written({"L1": CADENZA, "L2": cadenza(audiogram_levels_l=[1, 2, 3])})
    assert read_listener(path, "L2").left.thresholds == (1, 2, 3)
    assert read_listener(path, "L2").name == "L2"


def test_among_several_listeners_one_must_be_chosen(written):
    path = written({f"L{number:03}": CADENZA for number in range(20)})
    with pytest.raises(UsageError, match=r"20 listeners.*--listener: 'L000', .* and 12 more"):
        read_listener(path)
    with pytest.raises(UsageError, match="no listener 'L01x'; there are 'L01") as caught:
        read_listener(path, "L01x")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["Ada", ""])
def test_nobody_is_given_somebody_elses_audiogram(written, name):
    path = written({"name": name, "left": EAR, "right": EAR})
    with pytest.raises(UsageError, match=f"no listener 'Bob'.*{name or 'without a name'}"):
        read_listener(path, "Bob")


def test_a_byte_order_mark_is_accepted(written):
    listener = {"left": EAR, "right": EAR}
    marked = written(b"\xef\xbb\xbf" + json.dumps(listener).encode())
    assert read_listener(marked) == read_listener(written(listener, "plain.json"))


def both(ear):
    return f'{{"left": {ear}, "right": {EAR_TEXT}}}'


MALFORMED = {
    "empty": ("", "not JSON"),
    "blank": (" \n", "not JSON"),
    "cut off": (both(EAR_TEXT)[:-5], "not JSON: .* line 1, column"),
    "trailing comma": ('{"left": {"250": 20,}}', "not JSON"),
    "comments": ('{"left": {} /* me */}', "not JSON"),
    "a list": ("[1, 2, 3]", "expected an object .*, got a list"),
    "a number": ("3", "got 3"),
    "null": ("null", "got null"),
    "no ears": ("{}", "left ear is missing"),
    "right only": ({"right": EAR}, r'left ear is missing; .*repeat .* "left": \{\.\.\.\}'),
    "left only": ({"left": EAR}, r'right ear is missing; .*repeat .* "right": \{\.\.\.\}'),
    "misspelt ear": ({"left": EAR, "rihgt": EAR}, "unknown key 'rihgt'"),
    "capital ear": ({"Left": EAR, "Right": EAR}, "unknown key 'Left'"),
    "ear as list": (both("[20, 35, 60]"), "left ear must be an object, got a list"),
    "ear as number": (both("40"), "left ear must be an object, got 40"),
    "ear as null": (both("null"), "left ear must be an object, got null"),
    "empty ear": (both("{}"), "the left ear: .* at least 3 points, got 0"),
    "two points": (both('{"250": 1, "500": 2}'), "at least 3 points, got 2"),
    "500 dB": (both('{"250": 20, "1000": 500, "4000": 60}'), "500 dB HL at 1000 Hz"),
    "-11 dB": (both('{"250": 20, "1000": -11, "4000": 60}'), "-11 dB HL"),
    "50 Hz": (both('{"50": 20, "1000": 20, "4000": 60}'), "50 Hz is outside"),
    "negative Hz": (both('{"-250": 20, "1000": 20, "4000": 60}'), "-250 Hz is outside"),
    "1k": (both('{"250": 20, "1k": 20, "4000": 60}'), "'1k' where Hz are expected"),
    "Hz nan": (both('{"250": 20, "nan": 20, "4000": 60}'), "nan"),
    "one Hz twice": (both('{"250": 20, "250.0": 30, "4000": 60}'), "250 Hz after 250 Hz"),
    "key twice": (both('{"250": 20, "250": 30, "4000": 60}'), "'250' is given twice"),
    "ear twice": (f'{{"left": {EAR_TEXT}, "left": {EAR_TEXT}}}', "'left' is given twice"),
    "text level": (both('{"250": "20", "1000": 20, "4000": 60}'), "number, got the text '20'"),
    "true level": (both('{"250": true, "1000": 20, "4000": 60}'), "number, got true"),
    "null level": (both('{"250": null, "1000": 20, "4000": 60}'), "number, got null"),
    "list level": (both('{"250": [20], "1000": 20, "4000": 60}'), "number, got a list"),
    "NaN": (both('{"250": NaN, "1000": 20, "4000": 60}'), "NaN is not a number"),
    "Infinity": (both('{"250": Infinity, "1000": 20, "4000": 60}'), "Infinity is not"),
    "1e999": (both('{"250": 1e999, "1000": 20, "4000": 60}'), "inf dB HL at 250 Hz"),
    "huge integer": (
        both(f'{{"250": {"9" * 5000}, "1000": 2, "4000": 6}}'),
        " inf dB HL at 250 Hz",
    ),
    "huge negative": (both(f'{{"250": -{"9" * 5000}, "1000": 2, "4000": 6}}'), "-inf dB HL"),
    "list bomb": ("[" * 200_000, "nested too deeply"),
    "object bomb": ('{"left":' * 100_000, "nested too deeply"),
    "name as list": ({"name": ["x"], "left": EAR, "right": EAR}, "name must be text"),
    "name with escapes": ({"name": "\x1b[2J", "left": EAR, "right": EAR}, "printable"),
    "half a character": (f'{{"name": "\\ud800", {both(EAR_TEXT)[1:]}', "printable"),
    "UTF-16": (both(EAR_TEXT).encode("utf-16"), "not UTF-8"),
    "Latin-1": (f'{{"name": "Zoë", {both(EAR_TEXT)[1:]}'.encode("latin-1"), "not UTF-8"),
    "a song": (b"RIFF\xff\xff\xff\xffWAVEfmt ", "not UTF-8"),
    "NUL bytes": (b"\0" * 100, "not JSON"),
    "too large": (b" " * 1_000_001, "larger than 1000000 bytes"),
    "a Python dictionary": ("{'left': 1}", "not JSON"),
    "cadenza left only": (without("audiogram_levels_r"), "right ear is missing.*levels_r"),
    "cadenza right only": (without("audiogram_levels_l"), "left ear is missing.*levels_l"),
    "cadenza no Hz": ({"L1": without("audiogram_cfs")}, "unknown key 'L1'"),
    "cadenza short": (cadenza(audiogram_levels_l=[1, 2]), "3 audiogram_cfs for 2 audio"),
    "cadenza Hz as number": (cadenza(audiogram_cfs=250), "audiogram_cfs must be a list"),
    "cadenza null level": (cadenza(audiogram_levels_l=[1, None, 2]), "number, got null"),
    "cadenza descending": (cadenza(audiogram_cfs=[4000, 1000, 250]), "1000 Hz after 4000 Hz"),
    "cadenza 500 dB": (cadenza(audiogram_levels_r=[1, 500, 2]), "the right ear: 500 dB HL"),
    "cadenza name": (cadenza(name=7), "name must be text, got 7"),
}


@pytest.mark.parametrize(("content", "complaint"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_audiogram_is_refused_in_one_line_with_its_path(written, content, complaint):
    path = written(content)
    with pytest.raises(BadDataError, match=complaint) as caught:
        read_listener(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    assert len(message) < len(str(path)) + 200


def test_a_broken_listener_harms_only_who_asks_for_it(written):
    path = written({"L1": CADENZA, "L2": 7})
    assert read_listener(path, "L1").name == "L1"
    with pytest.raises(BadDataError, match="listener 'L2' must be an object, got 7"):
        read_listener(path, "L2")


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingInputError, match=r"nobody\.json: there is no such"):
        read_listener(tmp_path / "nobody.json")


def test_a_folder(tmp_path):
    with pytest.raises(BadDataError, match="this is a folder"):
        read_listener(tmp_path)


def test_a_file_behind_a_file(written):
    with pytest.raises(MissingInputError, match="cannot be read"):
        read_listener(written("x") / "me.json")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read(written):
    path = written({"left": EAR, "right": EAR})
    path.chmod(0)
    with pytest.raises(MissingInputError, match="cannot be read"):
        read_listener(path)


def test_the_example_is_bisgaards_n3():
    example = example_listener()
    assert example.left == example.right
    for hz in example.left.frequencies:
        assert example.left.threshold_at(hz) == BISGAARD["N3"].threshold_at(hz)


def test_a_thousand_listeners_fit_into_one_file(written):
    thousand = {f"L{number:04}": CADENZA for number in range(1000)}
    assert read_listener(written(thousand), "L0999").name == "L0999"


def test_all_listeners_of_a_file_in_its_order(written):
    path = written({"L2": CADENZA, "L1": CADENZA})
    assert [listener.name for listener in read_listeners(path)] == ["L2", "L1"]
    assert read_listeners(path) == [read_listener(path, name) for name in ("L2", "L1")]


@pytest.mark.parametrize("alone", [{"name": "Ada", "left": EAR, "right": EAR}, CADENZA])
def test_a_single_audiogram_is_one_listener(written, alone):
    path = written(alone)
    assert read_listeners(path) == [read_listener(path)]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (7, "listener 'L2' must be an object, got 7"),
        ({}, "listener 'L2': audiogram_cfs, the frequencies in Hz, are missing"),
        (cadenza(audiogram_levels_r=[1, 500, 2]), "listener 'L2': the right ear: 500 dB HL"),
    ],
)
def test_a_listener_who_is_wrong_is_named(written, bad, complaint):
    path = written({"L1": CADENZA, "L2": bad})
    with pytest.raises(BadDataError, match=complaint) as caught:
        read_listeners(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_no_file_of_listeners(tmp_path):
    with pytest.raises(MissingInputError, match=r"nobody\.json: there is no such"):
        read_listeners(tmp_path / "nobody.json")
