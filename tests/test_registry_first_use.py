import shutil
import subprocess
from pathlib import Path

import pytest

from hclarity.errors import BadDataError, CannotCreateError, MissingInputError
from hclarity.registry.first_use import digest_path, remember, remembered

DIGEST = "ab" * 32


def test_remembers(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    assert remembered(path) is None
    remember(path, DIGEST)
    assert remembered(path) == DIGEST
    assert digest_path(path) == tmp_path / "weights.pt.sha256"


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="needs sha256sum")
def test_sha256sum_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    remember(path, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    subprocess.run(["sha256sum", "--check", "abc.sha256"], cwd=tmp_path, check=True)


@pytest.mark.parametrize("text", ["", "ab", "AB" * 32, "\xff"])
def test_a_record_of_something_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.pt"
    digest_path(path).write_bytes(text.encode("latin-1"))
    with pytest.raises(BadDataError, match=r"weights\.pt\.sha256 does not hold a SHA-256"):
        remembered(path)


def test_a_record_that_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    digest_path(path).mkdir()
    with pytest.raises(CannotCreateError, match=r"weights\.pt\.sha256 cannot be created"):
        remember(path, DIGEST)
    with pytest.raises(MissingInputError, match=r"cannot read .*weights\.pt\.sha256"):
        remembered(path)


def test_where_nothing_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert remembered(tmp_path / "file" / "weights.pt") is None
