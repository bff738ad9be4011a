import json
import os
import sys
from dataclasses import replace

import pytest

from hclarity.errors import BadDataError, MissingInputError, UsageError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.formats.reading import read_listener, read_listeners
from hclarity.hearing.standard import STANDARD_LISTENERS

EAR = {"250": 20, "500": 25, "1000": 35.5, "2000": 40, "4000": 60}
HZ = (250, 500, 1000, 2000, 4000)
CADENZA = {
    "name": "L1",
    "audiogram_cfs": HZ,
    "audiogram_levels_l": [20, 25, 35.5, 40, 60],
    "audiogram_levels_r": [15, 20, 30, 35, 55],
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


# --- ours and Cadenza's ---------------------------------------------------------------------------


def test_our_own_shape(written):
    reading = read_listener(written({"name": "Ada", "left": EAR, "right": {**EAR, "250": 5}}))
    assert (reading.format, reading.notes) == ("hclarity", ())
    assert reading.listener.name == "Ada"
    assert reading.listener.left == Audiogram(HZ, (20, 25, 35.5, 40, 60))
    assert reading.listener.right.thresholds == (5, 25, 35.5, 40, 60)


def test_the_order_of_keys_means_nothing(written):
    shuffled = dict(reversed(EAR.items()))
    listener = read_listener(written({"right": shuffled, "left": EAR})).listener
    assert listener.left == listener.right
    assert listener.name == ""


@pytest.mark.parametrize("content", [CADENZA, {"L1": CADENZA}])
@pytest.mark.parametrize("listener_id", [None, "L1"])
@pytest.mark.parametrize("name", ["listeners.json", "me.txt", "me"])
def test_the_cadenza_shape_is_known_by_its_content(written, content, listener_id, name):
    reading = read_listener(written(content, name), listener_id)
    assert (reading.format, reading.notes) == ("Cadenza", ())
    assert reading.listener.name == "L1"
    assert reading.listener.left.thresholds == (20, 25, 35.5, 40, 60)
    assert reading.listener.right.thresholds == (15, 20, 30, 35, 55)


def test_the_listener_asked_for_is_the_one_returned(written):
    path = written({"L1": CADENZA, "L2": cadenza(audiogram_levels_l=[1, 2, 3, 4, 5])})
    assert read_listener(path, "L2").listener.left.thresholds == (1, 2, 3, 4, 5)
    assert read_listener(path, "L2").listener.name == "L2"


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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_text_of_any_unicode_with_its_mark(written, encoding):
    text = json.dumps({"name": "Zoë", "left": EAR, "right": EAR}, ensure_ascii=False)
    mark = "\ufeff" if encoding.endswith("be") else ""
    assert read_listener(written((mark + text).encode(encoding))).listener.name == "Zoë"


def test_a_broken_listener_harms_only_who_asks_for_it(written):
    path = written({"L1": CADENZA, "L2": 7})
    assert read_listener(path, "L1").listener.name == "L1"
    with pytest.raises(BadDataError, match="listener 'L2' must be an object, got 7"):
        read_listener(path, "L2")


def test_a_thousand_listeners_fit_into_one_file(written):
    thousand = {f"L{number:04}": CADENZA for number in range(1000)}
    assert read_listener(written(thousand), "L0999").listener.name == "L0999"


def test_all_listeners_of_a_file_in_its_order(written):
    path = written({"L2": CADENZA, "L1": CADENZA})
    assert [reading.listener.name for reading in read_listeners(path)] == ["L2", "L1"]
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
        (cadenza(audiogram_levels_r=[1, 500, 2, 3, 4]), "listener 'L2': the right ear: 500 dB HL"),
        (
            {"audiogram_cfs": [1000], "audiogram_levels_l": [2], "audiogram_levels_r": [2]},
            "listener 'L2': the left ear: an audiogram needs at least 3 points, got 1",
        ),
    ],
)
def test_a_listener_who_is_wrong_is_named(written, bad, complaint):
    path = written({"L1": CADENZA, "L2": bad})
    with pytest.raises(BadDataError, match=complaint) as caught:
        read_listeners(path)
    assert str(caught.value).startswith(f"{path}: ")


# --- what is assumed, and said --------------------------------------------------------------------


@pytest.mark.parametrize("words", ["NR 110", "110 NR", "nr110", " NR  110.0 "])
def test_no_response_is_five_decibels_above_the_loudest_tone(written, words):
    left = {**EAR, "8000": words}
    reading = read_listener(written({"left": left, "right": EAR}))
    assert reading.listener.left == Audiogram((*HZ, 8000), (20, 25, 35.5, 40, 60, 115), {8000: 110})
    (note,) = reading.notes
    assert note == (
        "left ear: no response at 8000 Hz, 115 dB HL taken, 5 dB above the loudest tone"
    )


def test_no_response_at_the_limit_stays_on_the_form(written):
    reading = read_listener(written({"left": {**EAR, "8000": "NR 120"}, "right": EAR}))
    assert reading.listener.left.threshold_at(8000) == 120
    assert reading.notes[0].endswith("above the loudest tone (120 at most)")
    assert reading.listener.left.no_response == {8000: 120}


def test_what_was_not_obtained_is_left_out(written):
    left = {**EAR, "6000": "NR", "8000": "CNT"}
    reading = read_listener(written({"left": left, "right": EAR}))
    assert reading.listener.left == replace(reading.listener.right, no_response={6000: None})
    assert reading.notes == (
        "left ear: no response at 6000 Hz, at a level that is not told; left out of all that is"
        " computed",
        "left ear: no threshold could be obtained at 8000 Hz; left out",
    )


def test_needed_frequencies_that_are_missing_are_told(written):
    ear = {"250": 20, "1000": 30, "4000": 60}
    reading = read_listener(written({"left": EAR, "right": ear}))
    assert reading.notes == (
        "right ear: no threshold at 500, 2000 Hz, taken from the frequencies beside",
    )
    assert reading.listener.right.threshold_at(500) == 25


def test_one_ear_is_not_two(written):
    path = written({"name": "Ada", "left": EAR})
    with pytest.raises(BadDataError, match=r"right ear is missing; .* --other-ear same .* normal"):
        read_listener(path)
    same = read_listener(path, other_ear="same")
    assert same.listener.right == same.listener.left
    assert same.notes == ("right ear: not tested, taken to hear as the left one",)
    normal = read_listener(path, other_ear="normal")
    assert normal.listener.right == Audiogram(HZ, (0, 0, 0, 0, 0))
    assert normal.notes == ("right ear: not tested, taken to hear normally (0 dB HL)",)


def test_the_ear_that_was_tested_stays_on_its_side(written):
    reading = read_listener(written({"right": EAR}), other_ear="normal")
    assert reading.listener.right.thresholds == (20, 25, 35.5, 40, 60)
    assert reading.listener.left.thresholds == (0, 0, 0, 0, 0)


def test_another_ear_that_is_there_is_never_replaced(written):
    path = written({"left": EAR, "right": {**EAR, "250": 5}})
    reading = read_listener(path, other_ear="same")
    assert reading.listener == read_listener(path).listener
    assert reading.notes == ("--other-ear is not needed: both ears were tested",)


@pytest.mark.parametrize(
    ("right", "where"),
    [
        ({**EAR, "1000": 50.5, "2000": 55}, "1000, 2000 Hz"),
        ({**EAR, "250": 40, "500": 5, "4000": 80}, "250, 500 Hz"),
        ({**EAR, "1000": 50, "2000": 55}, None),
        ({**EAR, "500": 60, "2000": 60}, None),
    ],
)
def test_ears_that_differ_are_worth_a_word(written, right, where):
    notes = read_listener(written({"left": EAR, "right": right})).notes
    assert len(notes) == (where is not None)
    if where:
        assert notes[0].startswith(f"the ears differ by 15 dB or more at {where}: if no doctor or")


# --- what is no file ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STANDARD_LISTENERS)
def test_standard_audiograms_by_name(name):
    reading = read_listener(name)
    assert reading.listener == STANDARD_LISTENERS[name]
    assert (reading.format, reading.notes) == ("standard", ())
    assert read_listener(name.lower(), name) == reading
    assert read_listeners(name) == [reading]


def test_a_standard_audiogram_is_nobody_else():
    with pytest.raises(UsageError, match="no listener 'Bob': there is only 'N3'"):
        read_listener("N3", "Bob")


def test_a_file_that_is_called_like_a_standard_one_wins(written, monkeypatch):
    path = written({"left": EAR, "right": EAR}, "N3")
    monkeypatch.chdir(path.parent)
    assert read_listener("N3").format == "hclarity"


def test_typed_pairs():
    reading = read_listener(" right=250:20, 500:35,1k:40 ,2000:NR 100; L = 250:15,500:5,1000:10")
    assert reading.format == "typed"
    assert reading.listener.right == Audiogram(
        (250, 500, 1000, 2000), (20, 35, 40, 105), {2000: 100}
    )
    assert reading.listener.left == Audiogram((250, 500, 1000), (15, 5, 10))
    assert reading.listener.name == ""


def test_typed_pairs_for_both_ears():
    listener = read_listener("both=500:35,1000:40,2000:45").listener
    assert listener.left == listener.right == Audiogram((500, 1000, 2000), (35, 40, 45))


def test_typed_pairs_of_one_ear():
    reading = read_listener("AD=500:35,1000:40,2000:45", other_ear="normal")
    assert reading.listener.right.thresholds == (35, 40, 45)
    with pytest.raises(BadDataError, match="typed audiogram: the left ear is missing; add it"):
        read_listener("AD=500:35,1000:40,2000:45")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("500:35,1000:40,2000:45", "does not say which ear; type right="),
        ("right=500:35;1000:40", "it does not say which ear"),
        ("right: 250:15,500:20", r"type = after the ear, right=\.\.\., not right:\.\.\.; as in"),
        ("L:250:15", r"type = after the ear, l=\.\.\."),
        ("middle=500:35", "'middle' where an ear is expected: left or right"),
        ("both=500:35;left=500:35", "the left ear is given twice"),
        ("right=500:35;r=500:35", "the right ear is given twice"),
        ("right=500:35,1000", "the right ear has something that is not Hz:dB; type right="),
        ("right=500:35,1000:1e999", "the right ear: inf dB HL at 1000 Hz"),
        ("right=500:35,1000:nan", "the right ear: 'nan' at 1000 Hz, where dB HL"),
        ("right=500:35,500:35,1000:40", "the right ear: 500 Hz is given twice"),
        ("right=50:35", "the right ear: 50 Hz is outside"),
        ("left=:", "the left ear: '' where a frequency"),
        (f"left={'9' * 100_000}:5", "the left ear: '999.*' where a frequency"),
    ],
)
def test_pairs_that_are_typed_wrong(text, complaint):
    with pytest.raises(BadDataError, match=complaint) as caught:
        read_listener(text)
    assert str(caught.value).startswith("the typed audiogram: ")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["nobody.json", "N8", "left.json", "a=b", "x" * 9999])
def test_a_missing_file(tmp_path, name):
    with pytest.raises(MissingInputError, match=r"no such|cannot be read"):
        read_listener(tmp_path / name)
    with pytest.raises(MissingInputError, match=r"no such|cannot be read"):
        read_listeners(str(tmp_path / name))


def test_a_file_behind_a_file(written):
    with pytest.raises(MissingInputError, match="cannot be read"):
        read_listener(written("x") / "me.json")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read(written):
    path = written({"left": EAR, "right": EAR})
    path.chmod(0)
    with pytest.raises(MissingInputError, match="cannot be read"):
        read_listener(path)


@pytest.mark.parametrize("name", ["N8", "s4", "N10", "n0"])
def test_there_are_ten_standard_audiograms(name):
    with pytest.raises(UsageError, match="no more standard audiograms than N1 to N7 and S1 to S3"):
        read_listener(name)


def test_no_audiogram_at_all():
    with pytest.raises(UsageError, match=r"^an audiogram is needed: a file, a standard one"):
        read_listener("")
