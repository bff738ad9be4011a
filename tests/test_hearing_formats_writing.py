import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError, MissingInputError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.formats.gain_tables import read_gain_table
from hclarity.hearing.formats.reading import read_listener, read_listeners
from hclarity.hearing.formats.writing import audiogram_text
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.hearing.standard import STANDARD_LISTENERS

FORMATS = ("json", "cadenza", "csv", "fhir")
WORDS = {"json": "hclarity", "cadenza": "Cadenza", "csv": "CSV", "fhir": "FHIR"}


@st.composite
def ears(draw):
    """Any ear; where it did not respond, levels are those of an audiometer."""
    tones = st.integers(-2, 24).map(lambda step: 5.0 * step)
    hertz = st.one_of(st.sampled_from([250, 500, 1000, 2000, 8000]), st.floats(125, 16000))
    frequencies = sorted(draw(st.lists(hertz, min_size=3, max_size=9, unique_by=round)))
    silent = {hz: draw(tones) for hz in frequencies if draw(st.booleans())}
    levels = [
        min(120.0, silent[hz] + 5) if hz in silent else draw(st.floats(-10, 120))
        for hz in frequencies
    ]
    return Audiogram(tuple(frequencies), tuple(levels), silent)


names = st.text(max_size=20).filter(str.isprintable)
listeners = st.builds(Listener, ears(), ears(), names)
laws = settings(deadline=None, max_examples=60)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("written") / "listener"


def read_back(place, listener, format):
    place.write_text(audiogram_text(listener, format), encoding="utf-8")
    reading = read_listener(place)
    assert reading.format == WORDS[format]
    return reading.listener


@laws
@given(listener=listeners)
def test_ours_is_read_back_without_loss(place, listener):
    assert read_back(place, listener, "json") == listener


@laws
@given(listener=listeners, format=st.sampled_from(["csv", "fhir"]))
def test_others_are_read_back_without_the_name(place, listener, format):
    assert read_back(place, listener, format) == replace(listener, name="")


@laws
@given(listener=listeners)
def test_cadenzas_is_read_back_as_the_same_curve(place, listener):
    """On the frequencies of both ears, without the flags for no response."""
    back = read_back(place, listener, "cadenza")
    assert back.name == listener.name or (listener.name, back.name) == ("", "listener")
    for ear, before in ((back.left, listener.left), (back.right, listener.right)):
        assert set(before.frequencies) <= set(ear.frequencies)
        assert ear.no_response == {}
        for hz, level in zip(before.frequencies, before.thresholds, strict=True):
            assert ear.threshold_at(hz) == pytest.approx(level, abs=1e-9)
        for hz in ear.frequencies:
            assert ear.threshold_at(hz) == pytest.approx(before.threshold_at(hz), abs=0.006)


@pytest.mark.parametrize("name", STANDARD_LISTENERS)
@pytest.mark.parametrize("format", FORMATS)
def test_standard_listeners_are_read_back(place, name, format):
    listener = STANDARD_LISTENERS[name]
    back = read_back(place, listener, format)
    assert (back.left, back.right) == (listener.left, listener.right)


def test_what_is_written_is_pleasant_to_read():
    ear = Audiogram((250, 1000, 8000), (20, 35.5, 115), {8000: 110})
    listener = Listener(ear, ear, "Zoë")
    assert audiogram_text(listener, "csv") == (
        "frequency_hz,left_db_hl,right_db_hl\n250,20,20\n1000,35.5,35.5\n8000,NR 110,NR 110\n"
    )
    assert json.loads(audiogram_text(listener, "json")) == {
        "name": "Zoë",
        "left": {"250": 20, "1000": 35.5, "8000": "NR 110"},
        "right": {"250": 20, "1000": 35.5, "8000": "NR 110"},
    }
    assert "Zoë" in audiogram_text(listener, "json")
    for format in ("csv", "fhir"):
        assert "Zo" not in audiogram_text(listener, format)


def test_no_response_at_an_unknown_level_is_written_where_there_is_a_word_for_it(place):
    ear = Audiogram((250, 1000, 4000), (20, 35, 60), {8000: None})
    listener = Listener(ear, ear)
    for format in ("json", "csv"):
        assert read_back(place, listener, format) == listener
    for format in ("cadenza", "fhir"):
        assert read_back(place, listener, format).left == replace(ear, no_response={})


def test_fhir_has_codes_where_there_are_any():
    ear = Audiogram((500, 750, 1000), (20, 30, 40))
    content = json.loads(audiogram_text(Listener(ear, ear), "fhir"))
    codes = [component["code"] for component in content["component"][:3]]
    assert codes[0]["coding"][0]["code"] == "89024-4"
    assert codes[1] == {"text": "Hearing threshold Ear - left --750 Hz"}
    assert codes[2]["coding"][0]["display"] == "Hearing threshold Ear - left --1000 Hz"


def test_cadenzas_is_read_by_cadenzas_software(place):
    clarity = pytest.importorskip("clarity.utils.audiogram")
    place.write_text(audiogram_text(STANDARD_LISTENERS["S2"], "cadenza"), encoding="utf-8")
    theirs = clarity.Listener.load_listener_dict(place)["S2"]
    ours = read_listeners(place)[0].listener
    assert tuple(theirs.audiogram_left.frequencies) == ours.left.frequencies
    assert tuple(theirs.audiogram_left.levels) == ours.left.thresholds


# --- tables of insertion gains --------------------------------------------------------------------

GAINS = (InsertionGains((500, 2000), (10, 18.5)), InsertionGains((500, 4000), (-3, 0)))


@pytest.mark.parametrize(
    "text",
    [
        "frequency_hz,left_gain_db,right_gain_db\n2000,18.5,\n500,10,-3\n4000,,0\n",
        "Hz;gain right;gain left\r\n500;-3;10\r\n2000;;18,5\r\n4000;0 dB;\r\n",
        '{"left_db_at_hz": {"2000": 18.5, "500": 10}, "right_db_at_hz": {"500": -3, "4000": 0}}',
    ],
)
def test_tables_of_gains(tmp_path, text):
    path = tmp_path / "gains"
    path.write_text(text, newline="")
    assert read_gain_table(path) == GAINS


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("frequency_hz,left_db_hl,right_db_hl\n500,10,8\n", "does not say that it holds gains"),
        ("frequency_hz,left_gain_db_hl,right_gain\n", "does not say that it holds gains: freq"),
        ("ear,250,500\nleft,1,2\n", "does not say that it holds gains"),
        ("hz,left_gain\n500,10\n", "no gains for the right ear; it must be frequency_hz"),
        ("hz,left_gain,right_gain\n500,10,x\n", "line 2: 'x' where dB are expected"),
        ("hz,left_gain,right_gain\n500,90,1\n", "the left ear: 90 dB at 500 Hz is outside ±80"),
        ("hz,left_gain,right_gain\n5,1,1\n5,1,1\n", "line 3: the left ear has 5 Hz twice; keep"),
        ("hz,left_gain,left_gain\n500,1,1\n", "line 2: the left ear has 500 Hz twice"),
        ("hz,middle_gain\n500,1\n", "'middle' where an ear is expected"),
        ('{"left": {"500": 10}, "right": {"500": 10}}', "unknown key 'left'; a table of gains is"),
        ('{"left_db_at_hz": {"500": 10}}', "no gains for the right ear"),
        ('{"left_db_at_hz": {"500": "10"}}', "left_db_at_hz at '500' must be a number"),
        ('{"left_db_at_hz": {"500": NaN}}', "NaN is not a number"),
        ('{"left_db_at_hz": {"500": 1e999}, "right_db_at_hz": {"500": 1}}', "inf dB at 500 Hz"),
        ('{"left_db_at_hz": {"500": 1, "5e2": 1}}', "the left ear has 500 Hz twice"),
        ("[1]", "a table of gains must be an object"),
    ],
)
def test_tables_of_gains_that_are_none(tmp_path, text, complaint):
    path = tmp_path / "gains"
    path.write_text(text)
    with pytest.raises(BadDataError, match=complaint) as caught:
        read_gain_table(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).isprintable()


def test_no_table_of_gains(tmp_path):
    with pytest.raises(MissingInputError, match="there is no such"):
        read_gain_table(tmp_path / "nothing")
