from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.cli.layout import RECORD, StemLayout, read_record, track_name
from hclarity.errors import UsageError

ROOT = Path("separated/demucs")
DEFAULT = "{track}/{stem}.{ext}"

file_names = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1
).filter(lambda name: name not in (".", ".."))


def test_as_demucs_lays_them_out() -> None:
    layout = StemLayout(ROOT, DEFAULT, "flac")
    assert layout.stem_path("song", "vocals") == ROOT / "song" / "vocals.flac"
    assert layout.record_path("song") == ROOT / "song" / RECORD


@settings(deadline=None, max_examples=200)
@given(name=file_names)
def test_a_song_of_any_name_gets_a_folder_of_its_own_below_the_root(name: str) -> None:
    track = track_name(Path("music") / name)
    path = StemLayout(ROOT, DEFAULT, "flac").stem_path(track, "vocals")
    assert path.parent.parent == ROOT
    assert path.parent.name not in ("", ".", "..")


@pytest.mark.parametrize(
    ("name", "track"),
    [("01 a.b.flac", "01 a.b"), ("song", "song"), (".flac", ".flac"), ("...wav", "_.._")],
)
def test_the_name_of_a_track(name: str, track: str) -> None:
    assert track_name(Path("music") / name) == track


@pytest.mark.parametrize(
    ("template", "record"),
    [
        ("{track}/{stem}.{ext}", "song/separation.json"),
        ("{track}/stems/{stem}", "song/stems/separation.json"),
        ("all/{track}-{stem}.{ext}", "song.separation.json"),
        ("{stem}/{track}.{ext}", "song.separation.json"),
        ("{track}/{stem}/it.{ext}", "song.separation.json"),
    ],
)
def test_every_track_has_a_record_of_its_own(template: str, record: str) -> None:
    layout = StemLayout(ROOT, template, "wav")
    assert layout.record_path("song") == ROOT / record
    assert layout.record_path("song") != layout.record_path("other")


@pytest.mark.parametrize("root", [Path("../out"), Path("/out"), Path()])
def test_the_root_may_be_anywhere(root: Path) -> None:
    assert StemLayout(root, DEFAULT, "wav").stem_path("a", "b") == root / "a" / "b.wav"


@pytest.mark.parametrize(
    "template",
    ["", "stem", "{track}", "{stem}.{ext}", "{track}/{stem}/{song}", "{}/{track}{stem}",
     "{track}/{", "{track!x}{stem}", "{track.a}{track}{stem}", "{track[0]}{track}{stem}",
     "{track:d}{stem}",
     "../{track}/{stem}", "{track}/../{stem}", "/{track}/{stem}"],
)  # fmt: skip
def test_templates_that_are_refused(template: str) -> None:
    with pytest.raises(UsageError, match=r"^--filename "):
        StemLayout(ROOT, template, "wav")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b"[1]"])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / RECORD).write_bytes(content)
    assert read_record(tmp_path / RECORD) is None
