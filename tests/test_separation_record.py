import json
from dataclasses import asdict, replace

import pytest

from hclarity.errors import BadDataError
from hclarity.registry.models import find_card
from hclarity.separation.record import SeparationRecord, making_of

RECORD = SeparationRecord(
    song="Händel - 1.flac",
    song_sha256="cd" * 32,
    model="demucs",
    weights="bundled",
    sha256="ab" * 32,
    making="ef" * 32,
    stems=("drums", "bass", "other", "vocals"),
    rest="",
    complete=True,
    filename="{track}/{stem}.{ext}",
    sample_rate=48000,
    channels=1,
    frames=1234567,
    chunk_seconds=10.0,
    overlap=0.25,
    encoding="flac 24",
    device="cpu",
    engine="openvino",
    precision="bf16",
    version="0.1.0",
)


def test_comes_back_as_it_was() -> None:
    assert SeparationRecord.from_json(RECORD.to_json()) == RECORD


def test_is_made_to_be_read() -> None:
    words = RECORD.to_json()
    assert '"song": "Händel - 1.flac",\n' in words
    assert words.endswith("}\n")
    assert json.loads(words)["stems"] == ["drums", "bass", "other", "vocals"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"song": "/home/ann/song.flac"}, "expected a plain file name .*ann/song.flac"),
        ({"song": "C:\\song.flac"}, "expected a plain file name"),
        ({"song": ""}, "expected a plain file name"),
        ({"stems": ("vocals", "..")}, r"expected a plain file name .*'\.\.'"),
        ({"stems": ("../vocals",)}, "expected a plain file name"),
        ({"stems": ("x" * 300,)}, "no file of a stem can have the name"),
        ({"rest": "../no_vocals"}, "expected a plain file name"),
        ({"rest": "vocals"}, "stems must be named once each"),
        ({"stems": ()}, r"stems must be named once each, got \[\]"),
        ({"stems": ("vocals", "vocals")}, "stems must be named once each"),
        ({"sample_rate": 0}, "1 channels of 1234567 frames at 0 Hz cannot be"),
        ({"channels": 0}, "0 channels of"),
        ({"frames": -1}, "of -1 frames"),
    ],
)
def test_refuses_to_be_born_wrong(changed: dict[str, object], told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        replace(RECORD, **changed)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"modl": "x"}, r"unknown key modl \(did you mean 'model'\?\)"),
        ({"stems": "vocals"}, "stems must be a list of texts, got 'vocals'"),
        ({"complete": 1}, "complete must be true or false, got 1"),
        ({"frames": 1.5}, "frames must be a whole number, got 1.5"),
        ({"overlap": float("nan")}, "overlap must be a number, got nan"),
        ({"overlap": 10**400}, "overlap must be a number, got 1000"),
        ({"frames": 10**400}, "frames must be a whole number, got 1000"),
        ({"song": "a\0b"}, "expected a plain file name"),
        ({"song": "a/b"}, "expected a plain file name"),
    ],
)
def test_refuses_to_read(changed: dict[str, object], told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        SeparationRecord.from_json(json.dumps(asdict(RECORD) | changed))


@pytest.mark.parametrize("words", ["", "{", "[" * 100_000, "9" * 10_000])
def test_what_is_not_json(words: str) -> None:
    with pytest.raises(BadDataError, match="not JSON"):
        SeparationRecord.from_json(words)


@pytest.mark.parametrize("words", ["[]", "3", "null", '"song"'])
def test_what_is_no_object(words: str) -> None:
    with pytest.raises(BadDataError, match="expected one JSON object"):
        SeparationRecord.from_json(words)


def test_a_missing_key() -> None:
    values = asdict(RECORD)
    del values["sha256"]
    with pytest.raises(BadDataError, match="the key sha256 is missing"):
        SeparationRecord.from_json(json.dumps(values))


def test_another_making_is_another_digest() -> None:
    card = find_card("demucs")
    digests = {
        making_of(card, "bundled", {}),
        making_of(card, "official", {}),
        making_of(card, "bundled", {"norm_type": "cLN"}),
        making_of(replace(card, level="peak"), "bundled", {}),
        making_of(replace(card, stems=card.stems[::-1]), "bundled", {}),
    }
    assert len(digests) == 5
    assert making_of(replace(card, name="other", title="Other"), "bundled", {}) in digests


@pytest.mark.parametrize(
    "filename", ["{track:>9999999999}", "{track.__class__}", "{track[0]}", "{0}", "{", "{song}"]
)
def test_a_template_may_ask_for_names_only(filename: str) -> None:
    with pytest.raises(BadDataError):
        replace(RECORD, filename=filename)


@pytest.mark.parametrize("encoding", ["", " ", "../x 24", "flac 24 7", "FLAC"])
def test_an_encoding_is_an_ending_and_perhaps_bits(encoding: str) -> None:
    with pytest.raises(BadDataError, match="expected a format and its bits"):
        replace(RECORD, encoding=encoding)
