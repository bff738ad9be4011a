import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.cli.layout import RECORD, StemLayout, read_record, track_name
from hclarity.errors import CannotCreateError, UsageError

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
     "{track:>99999999999}{stem}", "{track}/\0{stem}", "{track}/{stem}\n",
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


@pytest.mark.parametrize("content", [b'{"overlap": 1e999}', b'{"frames": ' + b"9" * 400 + b"}"])
def test_numbers_without_end_are_no_record(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RECORD).write_bytes(content)
    assert read_record(tmp_path / RECORD) is None


def test_a_record_that_is_a_pipe_or_endless_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / RECORD)
    assert read_record(tmp_path / RECORD) is None
    (tmp_path / "large").write_bytes(b" " * 1_000_001)
    assert read_record(tmp_path / "large") is None


def test_the_root_may_be_a_link_and_lie_below_one(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    for root in (tmp_path / "out", tmp_path / "out" / "demucs"):
        assert StemLayout(root, DEFAULT, "wav").stem_path("a", "b") == root / "a" / "b.wav"


@pytest.mark.parametrize("template", [DEFAULT, "{track}/x/{stem}", "all/{track}-{stem}"])
def test_a_link_leads_no_stem_elsewhere(tmp_path: Path, template: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "out"
    root.mkdir()
    for name in ("song", "all"):
        (root / name).symlink_to(tmp_path / "elsewhere")
    layout = StemLayout(root, template, "wav")
    with pytest.raises(CannotCreateError, match=r"a link in .* leads out of it"):
        layout.stem_path("song", "vocals")


def test_a_link_leads_no_model_elsewhere(tmp_path: Path) -> None:
    for name in ("elsewhere", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "demucs").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotCreateError, match=r"a link in .*out leads out of it"):
        StemLayout(tmp_path / "out" / "demucs", DEFAULT, "wav").stem_path("song", "vocals")


def test_links_within_the_root_are_links_within_the_root(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "song").symlink_to("real")
    path = StemLayout(tmp_path, DEFAULT, "wav").stem_path("song", "vocals")
    assert path == tmp_path / "song" / "vocals.wav"


def test_a_name_that_no_file_system_takes(tmp_path: Path) -> None:
    layout = StemLayout(tmp_path, "{track}/" + "x" * 250 + "{stem}.{ext}", "wav")
    with pytest.raises(CannotCreateError, match="a name of more than 255 bytes"):
        layout.stem_path("song", "vocals")
