import os
from pathlib import Path

import pytest

from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.strangers_files import bytes_of


def test_a_file_of_the_largest_size(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    assert bytes_of(tmp_path / "a", 10) == b"x" * 10
    with pytest.raises(BadDataError, match="larger than 9 bytes"):
        bytes_of(tmp_path / "a", 9)


def test_what_has_no_end_is_not_begun(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(MissingInputError, match="it is not a file"):
            bytes_of(path, 10)


@pytest.mark.parametrize("name", ["none", "a\0b", "x" * 300])
def test_what_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(MissingInputError, match="cannot read"):
        bytes_of(tmp_path / name, 10)
