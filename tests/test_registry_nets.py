import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demucs.hdemucs import HDemucs as TheirHDemucs
from perturbed_nets import perturbed
from registry_cards import write_card
from safetensors.torch import save_file
from torch import Tensor, nn

from hclarity.errors import BadDataError, ConfigurationError, MissingInputError
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import SeparationNet
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.registry import nets
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.models import find_card
from hclarity.registry.nets import (
    build_net,
    load_net,
    merged_arguments,
    require_fitting,
    sketch_net,
)
from hclarity.registry.upstream.hdemucs import to_demucs
from hclarity.registry.upstream.own import packed
from hclarity.registry.upstream.published import Published
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
    return load_net(card, ResolvedWeights(card.folder / name, "bundled", ""))


def same(a: nn.Module, b: nn.Module) -> bool:
    song = torch.randn(1, 2, 8000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return torch.allclose(a(song), b(song), rtol=0, atol=1e-5)


def test_names_every_fault(state: dict[str, Tensor]) -> None:
    del state["1.weight"], state["1.bias"], state["1.running_mean"], state["1.running_var"]
    state["2.weight"] = torch.zeros(1)
    state["0.weight"] = state["0.weight"][:, :1]
    with pytest.raises(BadDataError) as refused:
        require_fitting(tiny_net(), state)
    assert str(refused.value) == (
        "not the weights of this net (Sequential):"
        " 4 missing: 1.weight, 1.bias, 1.running_mean and 1 more;"
        " 1 unknown: 2.weight;"
        " 1 of another shape: 0.weight [3, 1, 1] instead of [3, 2, 1]"
    )


@pytest.mark.parametrize("kind", [torch.int64, torch.bool, torch.complex64])
def test_numbers_of_another_kind(state: dict[str, Tensor], kind: torch.dtype) -> None:
    state["0.weight"] = state["0.weight"].to(kind)
    told = rf"1 of another kind: 0\.weight {str(kind).removeprefix('torch.')} instead of float32"
    with pytest.raises(BadDataError, match=told):
        require_fitting(tiny_net(), state)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("name", ["a.safetensors", "a.pt"])
def test_loads_the_net_of_a_card(card: ModelCard, net, name: str, half: bool) -> None:
    state = {key: tensor.half() if half else tensor for key, tensor in net.state_dict().items()}
    path = card.folder / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    read = load_net(with_arguments(card, **SMALL), ResolvedWeights(path, "bundled", ""))
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
    with pytest.raises(ConfigurationError, match="tiny: width is 8, but its weights are for 4"):
        loaded(with_arguments(card, width=8), package)
    with pytest.raises(ConfigurationError, match="ratio_mask is True, but its weights are for F"):
        loaded(with_arguments(card, ratio_mask=True), package)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"sample_rate": 8000},
            "the model tiny: sample_rate is 16000, but its weights are for 8000",
        ),
        ({"channels": 1}, "the model tiny: channels is 2, but its weights are for 1"),
        (
            {"stems": ("drums", "rest")},
            "the model tiny: stems must be those of its weights, in their order: drums, re",
        ),
        (
            {"stems": ("rest", "vocals")},
            "the model tiny: stems must be those of its weights, in their order: rest, voc",
        ),
    ],
)
def test_weights_that_the_card_describes_otherwise(card: ModelCard, changes, told: str) -> None:
    spoken = {"stems": card.stems, **SPOKEN, **changes}
    package = to_demucs(hdemucs(width=8, **spoken))
    with pytest.raises(ConfigurationError) as refused:
        loaded(with_arguments(replace(card, stride=2048)), package)
    assert told in str(refused.value)


def test_a_stem_is_never_given_the_name_of_another() -> None:
    """A checkpoint says of itself that it separates the bass; a card would call that the vocals."""
    golden = Path(__file__).parent / "golden" / "bsrnn_lightning.ckpt"
    shipped = find_card("bsrnn-vocals")
    official = replace(shipped.weights["official"], arguments={})
    card = replace(shipped, weights={"official": official})
    resolved = ResolvedWeights(golden, "official", "")
    with pytest.raises(ConfigurationError, match=r"must be those of its .*: bass; got vocals"):
        load_net(card, resolved)
    assert load_net(replace(card, stems=("bass",), stride=256), resolved)


def test_a_config_beside_the_weights_is_heard(card: ModelCard) -> None:
    """The names in the file are ours too; a softmax is nowhere but in the configuration."""
    sizes = {"N": 8, "L": 4, "B": 8, "H": 8, "P": 3, "X": 2, "R": 1}
    soft = perturbed(conv_tasnet(card.stems, **SPOKEN, **sizes, mask="softmax"))
    save_file(soft.state_dict(), card.folder / "model.safetensors")
    (card.folder / "config.json").write_text(json.dumps({"mask_nonlinear": "softmax"}))
    resolved = ResolvedWeights(card.folder / "model.safetensors", "bundled", "")
    card = replace(with_arguments(card, X=2), net="convtasnet", stride=2)
    assert same(load_net(card, resolved), soft)
    with pytest.raises(ConfigurationError, match="mask is 'relu', but its weights are for 'softm"):
        load_net(with_arguments(card, mask="relu"), resolved)


def test_the_card_says_what_the_weights_do_not(card: ModelCard) -> None:
    """As the scale of an embedding, which no shape tells."""
    net = perturbed(hdemucs(card.stems, **SPOKEN, **SMALL, freq_emb=0.5))
    assert same(loaded(with_arguments(card, freq_emb=0.5), net.state_dict()), net)
    assert not same(loaded(with_arguments(card), net.state_dict()), net)


def test_weights_that_say_what_they_are_need_no_card_to(card: ModelCard) -> None:
    arguments = {**SMALL, "ratio_mask": True, "freq_emb": 0.5}
    net = perturbed(hdemucs(card.stems, **SPOKEN, **arguments))
    published = Published(
        "hdemucs", arguments, net.state_dict(), 2, stems=card.stems, sample_rate=16000, channels=2
    )
    resolved = ResolvedWeights(card.folder / "a.safetensors", "bundled", "")
    resolved.path.write_bytes(packed(published))
    assert same(load_net(with_arguments(card), resolved), net)
    with pytest.raises(ConfigurationError, match=r"freq_emb is 0\.2, but its weights are for 0\.5"):
        load_net(with_arguments(card, freq_emb=0.2), resolved)
    with pytest.raises(ConfigurationError, match=r"ratio_mask is False, but .* for True"):
        load_net(with_arguments(card, ratio_mask=False), resolved)


@pytest.mark.parametrize(
    ("given", "told"), [({"bands": "other"}, "other"), ({}, "v7"), ({"bands": "vocals"}, "vocals")]
)
def test_two_names_of_one_scheme_of_bands_agree(given: dict[str, str], told: str) -> None:
    """Shapes show the bands, and not after which stem they are called."""
    published = Published("bsrnn", {"bands": "v7"}, {}, 1)
    assert merged_arguments(published, given)["bands"] == told
    with pytest.raises(ConfigurationError, match="bands is 'drums', but its weights are for 'v7'"):
        merged_arguments(published, {"bands": "drums"})


def test_what_is_given_stands_before_what_is_assumed() -> None:
    published = Published("bsrnn", {"n_fft": 512}, {}, 1, assumed={"hop": 128, "rest_stem": False})
    assert merged_arguments(published, {"hop": 64, "blocks": 2}) == {
        "n_fft": 512,
        "hop": 64,
        "rest_stem": False,
        "blocks": 2,
    }


def test_weights_of_another_known_net(card: ModelCard) -> None:
    golden = Path(__file__).parent / "golden" / "bsrnn_lightning.ckpt"
    with pytest.raises(ConfigurationError, match="net is hdemucs, but its weights are for bsrnn"):
        load_net(with_arguments(card, **SMALL), ResolvedWeights(golden, "bundled", ""))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"freq_encoder.1.conv.bias": None}, "1 missing: freq_encoder.1.conv.bias"),
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
    with pytest.raises(BadDataError, match=r"a\.pt: expected named tensors, got"):
        loaded(with_arguments(card, **SMALL), contents)


def test_weights_of_another_net(card: ModelCard) -> None:
    with pytest.raises(BadDataError, match=r"a\.pt: not the weights of this net"):
        loaded(with_arguments(card, **SMALL), tiny_net().state_dict())


def test_weights_that_are_not_there(card: ModelCard) -> None:
    missing = ResolvedWeights(card.folder / "a.pt", "bundled", "")
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

    monkeypatch.setattr(nets, "NETS", {"hdemucs": short_hearing})
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
        replace(card, weights={"official": official}), ResolvedWeights(path, "official", "")
    )
    assert same(ours, theirs)


def test_the_official_arguments_are_those_of_hdemucs_high() -> None:
    card = find_card("demucs")
    arguments = card.weights["official"].arguments
    net = sketch_net("hdemucs", card.stems, **SPOKEN, arguments=arguments)
    assert sum(parameter.numel() for parameter in net.parameters()) == 83_639_368
    assert len(net.state_dict()) == 397
