import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save_file

from hclarity.errors import BadDataError
from hclarity.registry.upstream.contents import read_contents
from hclarity.registry.upstream.layouts import read_published
from hclarity.registry.upstream.own import packed, translate
from hclarity.registry.upstream.published import Published

ABOUT = {
    "net": "bsrnn",
    "arguments": {"bands": "vocals", "hop": 256, "tac": True, "scale": 0.5},
    "stems": ["vocals"],
    "sample_rate": 16000,
    "channels": 1,
}


def published(state: dict[str, torch.Tensor]) -> Published:
    told = {**ABOUT, "stems": tuple(ABOUT["stems"])}
    return Published(**told, state=state, stem_count=1)


def test_what_is_packed_is_read_again(tmp_path: Path) -> None:
    wanted = published({"split.0.norm.weight": torch.ones(2)})
    (tmp_path / "a").write_bytes(packed(wanted))
    read = read_published(tmp_path / "a")
    assert (read.net, read.arguments, read.stems) == (wanted.net, wanted.arguments, wanted.stems)
    assert (read.stem_count, read.sample_rate, read.channels) == (1, 16000, 1)
    assert not read.assumed
    assert read.state.keys() == wanted.state.keys()


def test_others_read_it_too(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(packed(published({"w": torch.ones(2)})))
    with safe_open(tmp_path / "a", framework="pt") as file:
        assert json.loads(file.metadata()["hclarity"]) == ABOUT
        assert file.get_tensor("w").tolist() == [1, 1]


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        (torch.float16, torch.float16),
        (torch.bfloat16, torch.bfloat16),
        (torch.float32, torch.float32),
        (torch.float64, torch.float32),
        (torch.int64, torch.int64),
    ],
)
def test_numbers_are_packed_as_they_are(dtype: torch.dtype, kept: torch.dtype) -> None:
    numbers = torch.tensor([[1, -2], [3, 4]], dtype=dtype)
    read = load(packed(published({"a": numbers, "b": numbers[0], "c": numbers.t()})))
    assert {tensor.dtype for tensor in read.values()} == {kept}
    assert read["a"].tolist() == [[1, -2], [3, 4]]
    assert read["b"].tolist() == [1, -2]
    assert read["c"].tolist() == [[1, 3], [-2, 4]]


def test_what_is_no_number_is_not_packed() -> None:
    with pytest.raises(BadDataError, match="w holds NaN"):
        packed(published({"w": torch.tensor([torch.nan])}))


@pytest.mark.parametrize("contents", [None, [], {}, {"state": {}}, {"w": torch.ones(1)}])
def test_other_layouts_are_left_to_others(contents: object) -> None:
    assert translate(contents, {}) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"net": 5}, "expected net to be a text, got 5"),
        ({"stems": None}, "expected stems to be a list of stems, got None"),
        ({"stems": "vocals"}, "expected stems to be a list of stems, got 'vocals'"),
        ({"arguments": [1]}, "expected arguments to be a mapping, got a list"),
        ({"arguments": {"n": [1]}}, "expected a text or number for n, got"),
        ({"arguments": {"blocks": 10**6}}, "expected blocks to be 1 at most, got 1000000"),
        ({"arguments": {"width": 10**600}}, "expected width to be 1000000 at most, got 1000"),
        ({"arguments": {"scale": float("nan")}}, "expected scale to be 1000000 at most, got nan"),
        ({"sample_rate": 0.5}, "expected sample_rate to be a whole number"),
        ({"channels": -1}, "expected channels to be a whole number"),
    ],
)
def test_files_that_tell_nonsense_of_themselves(tmp_path: Path, changes, told: str) -> None:
    metadata = {"hclarity": json.dumps({**ABOUT, **changes})}
    save_file({"w": torch.ones(1)}, tmp_path / "a.safetensors", metadata)
    with pytest.raises(BadDataError, match=told) as refused:
        read_published(tmp_path / "a.safetensors")
    assert str(refused.value).startswith(f"{tmp_path / 'a.safetensors'}: ")


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "9" * 5000])
def test_metadata_that_is_not_json(tmp_path: Path, text: str) -> None:
    save_file({"w": torch.ones(1)}, tmp_path / "a.safetensors", {"hclarity": text})
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        read_contents(tmp_path / "a.safetensors")
