import os
from pathlib import Path

import pytest
from audio_files import KINDS, stempeg_example, write

from hclarity.audio.sniffing import looks_like_sound


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_is_read_looks_like_sound(tmp_path: Path, kind: str) -> None:
    import numpy as np

    path = write(tmp_path / kind, np.zeros((2, 9000), np.float32) + 0.1)
    assert looks_like_sound(path)


def test_videos_and_stems_do() -> None:
    assert looks_like_sound(stempeg_example())


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"la la la",
        b"\xff\xfeh\0e\0l\0l\0o\0",  # UTF-16
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xff\xff\xff\xff",
    ],
)
def test_other_files_do_not(tmp_path: Path, first: bytes) -> None:
    (tmp_path / "file.flac").write_bytes(first)
    assert not looks_like_sound(tmp_path / "file.flac")


def test_what_cannot_be_looked_at_does_not(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "gone", "."):
        assert not looks_like_sound(tmp_path / name)
