import os
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from registry_cards import write_card
from safetensors.torch import save_file
from torch import Tensor, nn

from hclarity.errors import BadDataError, ConfigurationError, MissingInputError
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.checkpoints import load_into, load_net, load_state
from hclarity.registry.models import find_card
from hclarity.registry.weights import ResolvedWeights


def tiny_net() -> nn.Module:
    return nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3))


def perturbed(net: nn.Module) -> nn.Module:
    """Move every weight: many begin at 0 or 1, where mistakes do not show."""
    torch.manual_seed(7)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return net.eval()


@pytest.fixture
def state() -> dict[str, Tensor]:
    return perturbed(tiny_net()).state_dict()


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "a.th"])
def test_reads_what_was_written(tmp_path: Path, state: dict[str, Tensor], name: str) -> None:
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    read = load_state(path)
    assert read.keys() == state.keys()
    for key, tensor in state.items():
        assert read[key].dtype == tensor.dtype
        assert torch.equal(read[key], tensor)


def test_reads_the_legacy_format(tmp_path: Path, state: dict[str, Tensor]) -> None:
    torch.save(state, tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    assert load_state(tmp_path / "a.pt").keys() == state.keys()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_any_floats_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    save_file({"w": torch.tensor([0.5, -2.0], dtype=dtype)}, tmp_path / "a.safetensors")
    read = load_state(tmp_path / "a.safetensors")["w"]
    assert read.dtype == torch.float32
    assert read.tolist() == [0.5, -2.0]


class Attack:
    """What a stranger's pickle can do when it is opened."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_is_never_run(tmp_path: Path, zipped: bool) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / "a.pt"
    torch.save({"w": Attack(ran)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(BadDataError, match=r"a\.pt: not a readable checkpoint of plain tensors"):
        load_state(path)
    assert not ran.exists()


def test_a_bare_pickle_is_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "a.th").write_bytes(pickle.dumps(Attack(ran)))
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        load_state(tmp_path / "a.th")
    assert not ran.exists()


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
@pytest.mark.parametrize("content", [b"", b"<html>Not found</html>", b"\x80\x02}", b"PK\x03\x04"])
def test_what_is_no_checkpoint(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadDataError, match=f"{name}: not a readable checkpoint") as refused:
        load_state(tmp_path / name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated(tmp_path: Path, state: dict[str, Tensor], name: str, kept: float) -> None:
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        load_state(path)


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (torch.zeros(3), "expected a dict of named tensors, got a Tensor"),
        ([torch.zeros(3)], "expected a dict of named tensors, got a list"),
        ({"state": {"w": torch.zeros(3)}}, "got 'state' with a dict"),
        ({"w": 0.5}, "got 'w' with a float"),
        ({3: torch.zeros(3)}, "got 3 with a Tensor"),
        ({"w": torch.tensor([1.0, float("nan")])}, "w holds NaN or infinite numbers"),
        ({"w": torch.tensor([float("-inf")])}, "w holds NaN or infinite numbers"),
        ({"w": torch.tensor([1e300], dtype=torch.float64)}, "w holds NaN or infinite numbers"),
        ({"w": torch.zeros(1).expand(10**6, 10**6)}, "w claims 1000000000000 numbers, more than"),
        ({"w": torch.eye(3).to_sparse()}, "w is not a plain tensor of numbers"),
        ({"w": torch.zeros(3, device="meta")}, "w is not a plain tensor of numbers"),
    ],
)
def test_what_is_no_state(tmp_path: Path, contents: object, told: str) -> None:
    torch.save(contents, tmp_path / "a.pt")
    with pytest.raises(BadDataError) as refused:
        load_state(tmp_path / "a.pt")
    assert str(refused.value).startswith(f"{tmp_path / 'a.pt'}: ")
    assert told in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("a.pt", "a.safetensors"):
        with pytest.raises(MissingInputError, match=f"cannot read .*{name}"):
            load_state(tmp_path / name)


def test_fills_a_net(state: dict[str, Tensor]) -> None:
    net = tiny_net()
    load_into(net, state)
    assert all(torch.equal(tensor, state[key]) for key, tensor in net.state_dict().items())


def test_names_every_fault_and_touches_nothing(state: dict[str, Tensor]) -> None:
    del state["1.weight"], state["1.bias"], state["1.running_mean"], state["1.running_var"]
    state["2.weight"] = torch.zeros(1)
    state["0.weight"] = state["0.weight"][:, :1]
    net = tiny_net()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(BadDataError) as refused:
        load_into(net, state)
    assert str(refused.value) == (
        "not the weights of this net (Sequential):"
        " 4 missing: 1.weight, 1.bias, 1.running_mean and 1 more;"
        " 1 unknown: 2.weight;"
        " 1 of another shape: 0.weight [3, 1, 1] instead of [3, 2, 1]"
    )
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return read_card(write_card(tmp_path / "tiny"))


def with_arguments(card: ModelCard, **arguments: int) -> ModelCard:
    return replace(card, weights={"bundled": replace(card.weights["bundled"], arguments=arguments)})


def test_loads_the_net_of_a_card(card: ModelCard) -> None:
    arguments = {"channels": 4, "depth": 4, "nfft": 1024}
    original = perturbed(hdemucs(card.stems, **arguments))
    path = card.folder / "weights.safetensors"
    save_file(original.state_dict(), path)
    net = load_net(with_arguments(card, **arguments), ResolvedWeights(path, "bundled"))
    assert not net.training
    song = torch.randn(1, 2, 8000)
    with torch.inference_mode():
        assert net(song).shape == (1, 2, 2, 8000)
        assert torch.equal(net(song), original(song))


def test_weights_of_another_net(card: ModelCard) -> None:
    path = card.folder / "weights.safetensors"
    save_file(tiny_net().state_dict(), path)
    with pytest.raises(BadDataError, match=r"weights\.safetensors: not the weights of this net"):
        load_net(with_arguments(card, channels=4, depth=2), ResolvedWeights(path, "bundled"))


def test_a_net_that_does_not_exist(card: ModelCard) -> None:
    resolved = ResolvedWeights(card.folder, "bundled")
    with pytest.raises(ConfigurationError, match=r"'hdemuc' \(did you mean 'hdemucs'\?\)"):
        load_net(replace(card, net="hdemuc"), resolved)
    with pytest.raises(
        ConfigurationError, match=r"hdemucs does not take these arguments: .*chanels"
    ):
        load_net(with_arguments(card, chanels=4), resolved)


def test_the_official_layout_is_torchaudios(tmp_path: Path) -> None:
    """``hdemucs_high`` in all but width, written as torchaudio writes it, read back, compared."""
    card = find_card("demucs")
    narrow = {**card.weights["official"].arguments, "channels": 4}
    theirs = perturbed(HDemucs(list(card.stems), nfft=4096, depth=6, channels=4))
    path = tmp_path / "hdemucs.pt"
    torch.save(theirs.state_dict(), path)
    official = replace(card.weights["official"], arguments=narrow)
    ours = load_net(
        replace(card, weights={"official": official}), ResolvedWeights(path, "official")
    )
    song = torch.randn(1, 2, 50_000)
    with torch.inference_mode():
        assert torch.equal(ours(song), theirs(song))


def test_the_official_arguments_are_those_of_hdemucs_high() -> None:
    card = find_card("demucs")
    with torch.device("meta"):
        net = hdemucs(card.stems, **card.weights["official"].arguments)
    assert sum(parameter.numel() for parameter in net.parameters()) == 83_639_368
    assert len(net.state_dict()) == 397
