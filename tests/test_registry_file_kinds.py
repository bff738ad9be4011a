import io
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from hclarity.errors import MissingInputError
from hclarity.registry.file_kinds import holds_weights


def written_by_torch(*, zipped: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        written_by_torch(zipped=True),
        written_by_torch(zipped=False),
        save({"a": torch.zeros(3)}),
        pickle.dumps({}, protocol=2),
    ],
)
def test_weights(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights").write_bytes(content)
    assert holds_weights(tmp_path / "weights")


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html>", b"{}", b'{"error": 404}', b"12345678{", b"PK"]
)
def test_what_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page").write_bytes(content)
    assert not holds_weights(tmp_path / "page")


def test_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"cannot read .*nothing: No such file"):
        holds_weights(tmp_path / "nothing")
