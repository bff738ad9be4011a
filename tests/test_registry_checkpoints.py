from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demucs.hdemucs import HDemucs as TheirHDemucs
from perturbed_nets import perturbed
from registry_cards import write_card
from safetensors.torch import load, save_file
from torch import Tensor, nn

from hclarity.errors import BadDataError, ConfigurationError, MissingInputError
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.registry import checkpoints
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.checkpoints import (
    build_net,
    checked_state,
    load_into,
    load_net,
    packed,
    sketch_net,
)
from hclarity.registry.models import find_card
from hclarity.registry.upstream.hdemucs import to_demucs
from hclarity.registry.weights import ResolvedWeights

SMALL = {"width": 4, "depth": 4, "nfft": 1024}
SPOKEN = {"sample_rate": 16000, "channels": 2}


def tiny_net() -> nn.Module:
    return nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3))


@pytest.fixture
def state() -> dict[str, Tensor]:
    return perturbed(tiny_net()).state_dict()


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return read_card(write_card(tmp_path / "tiny"))


@pytest.fixture
def net(card: ModelCard) -> SeparationNet:
    return perturbed(hdemucs(card.stems, **SPOKEN, **SMALL))


def with_arguments(card: ModelCard, **arguments: object) -> ModelCard:
    weights = replace(card.weights["bundled"], arguments=arguments)
    return replace(card, weights={"bundled": weights})


def loaded(card: ModelCard, contents: object, name: str = "a.pt") -> SeparationNet:
    """Load what somebody wrote."""
    torch.save(contents, card.folder / name)
    return load_net(card, ResolvedWeights(card.folder / name, "bundled"))


def same(a: nn.Module, b: nn.Module) -> bool:
    song = torch.randn(1, 2, 8000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return torch.equal(a(song), b(song))


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (torch.zeros(3), "expected a dict of named tensors, got a Tensor"),
        ([torch.zeros(3)], "expected a dict of named tensors, got a list"),
        ({"state": {"w": torch.zeros(3)}}, "got state with a dict"),
        ({"w": 0.5}, "got w with a float"),
        ({3: torch.zeros(3)}, "got 3 with a Tensor"),
        ({"w": torch.tensor([1.0, float("nan")])}, "w holds NaN or infinite numbers"),
        ({"w": torch.tensor([float("-inf")]).half()}, "w holds NaN or infinite numbers"),
        ({"w": torch.tensor([1e300], dtype=torch.float64)}, "w holds NaN or infinite numbers"),
    ],
)
def test_what_is_no_state(contents: object, told: str) -> None:
    with pytest.raises(BadDataError) as refused:
        checked_state(contents)
    assert told in str(refused.value)


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
    read = load(packed({"a": numbers, "b": numbers[0], "c": numbers.t()}))
    assert {tensor.dtype for tensor in read.values()} == {kept}
    assert read["a"].tolist() == [[1, -2], [3, 4]]
    assert read["b"].tolist() == [1, -2]
    assert read["c"].tolist() == [[1, 3], [-2, 4]]


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


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_loads_the_net_of_a_card(card: ModelCard, net, name: str, half: bool) -> None:
    state = {key: tensor.half() if half else tensor for key, tensor in net.state_dict().items()}
    path = card.folder / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    read = load_net(with_arguments(card, **SMALL), ResolvedWeights(path, "bundled"))
    assert not read.training
    assert read.traits == net.traits
    assert same(read, net.half().float() if half else net)


def test_loads_weights_under_the_names_of_others(card: ModelCard) -> None:
    """What the file tells need not stand on the card, and what does must not contradict it."""
    card = replace(card, stride=2048)
    theirs = perturbed(TheirHDemucs(list(card.stems), channels=4, samplerate=16000))
    package = {
        "klass": TheirHDemucs,
        "args": (list(card.stems),),
        "kwargs": {"channels": 4, "samplerate": 16000},
        "state": theirs.state_dict(),
    }
    assert same(loaded(with_arguments(card), package), theirs)
    assert same(loaded(with_arguments(card, width=4), package), theirs)
    with pytest.raises(BadDataError, match=r"a\.pt: not the weights of this net \(HybridDemucs\)"):
        loaded(with_arguments(card, width=8), package)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"sample_rate": 8000},
            "the model tiny: sample_rate is 16000, but its weights are for 8000",
        ),
        ({"channels": 1}, "the model tiny: channels is 2, but its weights are for 1"),
        (
            {"stems": ("rest", "vocals")},
            "the model tiny: stems must be in the order of its weights, rest, vocals, got vocals,",
        ),
    ],
)
def test_weights_that_the_card_describes_otherwise(card: ModelCard, changes, told: str) -> None:
    spoken = {"stems": card.stems, **SPOKEN, **changes}
    package = to_demucs(hdemucs(width=8, **spoken))
    with pytest.raises(ConfigurationError) as refused:
        loaded(with_arguments(replace(card, stride=2048)), package)
    assert told in str(refused.value)


def test_weights_of_another_known_net(card: ModelCard) -> None:
    golden = Path(__file__).parent / "golden" / "bsrnn_lightning.ckpt"
    with pytest.raises(BadDataError, match="expected weights of the net hdemucs, got those of bsr"):
        load_net(with_arguments(card, **SMALL), ResolvedWeights(golden, "bundled"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"freq_emb.embedding.weight": None}, "1 missing: freq_emb.embedding.weight"),
        ({"more": torch.zeros(1)}, "1 unknown: more"),
        ({"freq_decoder.3.conv_tr.bias": torch.zeros(3)}, "conv_tr.bias [3] instead of [8]"),
        ({"freq_decoder.3.conv_tr.bias": torch.full((8,), torch.nan)}, "holds NaN"),
        ({"freq_decoder.3.conv_tr.bias": torch.zeros(1).expand(10**6, 10**6)}, "claims 10000000"),
    ],
)
def test_weights_that_are_nearly_right(card: ModelCard, net, change, told: str) -> None:
    changed = {**net.state_dict(), **change}
    state = {key: tensor for key, tensor in changed.items() if tensor is not None}
    with pytest.raises(BadDataError) as refused:
        loaded(with_arguments(card, **SMALL), state)
    assert str(refused.value).startswith(f"{card.folder / 'a.pt'}: ")
    assert told in str(refused.value)


@pytest.mark.parametrize("contents", [torch.zeros(3), [1], {"a": 1}, {"state_dict": {"w": 1}}])
def test_files_that_hold_no_weights(card: ModelCard, contents: object) -> None:
    with pytest.raises(BadDataError, match=r"a\.pt: expected a dict of named tensors, got"):
        loaded(with_arguments(card, **SMALL), contents)


def test_weights_of_another_net(card: ModelCard) -> None:
    with pytest.raises(BadDataError, match=r"a\.pt: not the weights of this net"):
        loaded(with_arguments(card, **SMALL), tiny_net().state_dict())


def test_weights_that_are_not_there(card: ModelCard) -> None:
    missing = ResolvedWeights(card.folder / "a.pt", "bundled")
    with pytest.raises(MissingInputError, match=r"cannot read .*a\.pt"):
        load_net(with_arguments(card, **SMALL), missing)


def test_a_card_that_asks_for_what_the_net_does_not_do(
    card: ModelCard, net, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = with_arguments(card, **SMALL)
    with pytest.raises(ConfigurationError, match="tiny: stride must be a multiple of 256 frames"):
        loaded(replace(card, stride=128), net.state_dict())

    def short_hearing(*stems, **arguments):
        net = hdemucs(*stems, **arguments)
        net.traits = replace(net.traits, longest=4096)
        return net

    monkeypatch.setattr(checkpoints, "NETS", {"hdemucs": short_hearing})
    with pytest.raises(ConfigurationError, match="makes 7936 frames; this net takes 4096 at most"):
        loaded(card, net.state_dict())
    assert loaded(replace(card, chunk_seconds=4096 / 16000), net.state_dict())


@pytest.mark.parametrize(
    ("kind", "arguments", "told"),
    [
        ("hdemuc", {}, r"no net 'hdemuc' \(did you mean 'hdemucs'\?\); there are hdemucs, convtas"),
        ("hdemucs", {"chanels": 4}, r"hdemucs does not take these arguments: .*chanels"),
        ("hdemucs", {"sources": 4}, r"hdemucs does not take these arguments: .*sources"),
        ("hdemucs", {"width": "wide"}, "hdemucs does not take these arguments"),
        ("hdemucs", {"width": -4}, "hdemucs does not take these arguments"),
        ("hdemucs", {"dconv_comp": 0}, "hdemucs does not take these arguments"),
        ("hdemucs", {"depth": 2}, "hdemucs does not take these arguments: nfft 4096 and depth 2"),
    ],
)
@pytest.mark.parametrize("build", [build_net, sketch_net])
def test_a_net_that_does_not_exist(build, kind: str, arguments, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as refused:
        build(kind, ("a", "b"), **SPOKEN, arguments=arguments)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("stems", "channels"), [((), 2), (("a",), 0)])
def test_a_net_of_nothing(stems, channels: int) -> None:
    with pytest.raises(ConfigurationError, match=f"{len(stems)} stems of {channels} channels"):
        build_net("hdemucs", stems, sample_rate=1, channels=channels, arguments=SMALL)


def test_a_sketch_takes_no_memory() -> None:
    sketch = sketch_net("hdemucs", ("a", "b"), **SPOKEN, arguments={"width": 1024})
    assert all(parameter.is_meta for parameter in sketch.parameters())
    assert sketch.traits.stems == ("a", "b")


def test_the_official_layout_is_torchaudios(tmp_path: Path) -> None:
    """``hdemucs_high`` in all but width, written as torchaudio writes it, read back, compared."""
    card = find_card("demucs")
    narrow = {**card.weights["official"].arguments, "width": 4}
    theirs = perturbed(HDemucs(list(card.stems), nfft=4096, depth=6, channels=4))
    path = tmp_path / "hdemucs.pt"
    torch.save(theirs.state_dict(), path)
    official = replace(card.weights["official"], arguments=narrow)
    ours = load_net(
        replace(card, weights={"official": official}), ResolvedWeights(path, "official")
    )
    assert same(ours, theirs)


def test_the_official_arguments_are_those_of_hdemucs_high() -> None:
    card = find_card("demucs")
    arguments = card.weights["official"].arguments
    net = sketch_net("hdemucs", card.stems, **SPOKEN, arguments=arguments)
    assert sum(parameter.numel() for parameter in net.parameters()) == 83_639_368
    assert len(net.state_dict()) == 397
