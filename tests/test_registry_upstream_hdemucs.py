import sys
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from demucs.hdemucs import HDemucs as TheirHDemucs
from demucs.htdemucs import HTDemucs
from demucs.states import get_state, load_model
from perturbed_nets import perturbed
from safetensors.torch import save_file
from torch import nn

from hclarity.errors import BadDataError, UnavailableError
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.registry.upstream.contents import read_contents
from hclarity.registry.upstream.hdemucs import to_demucs, translate
from hclarity.registry.upstream.published import Published
from hclarity.registry.upstream.shells import ForeignClass

STEMS = ("drums", "bass", "other", "vocals")
SONG = torch.randn(1, 2, 20_000, generator=torch.Generator().manual_seed(0))


def package(theirs: nn.Module, half: bool = False) -> dict[str, object]:
    """What demucs' ``serialize_model`` writes, which needs omegaconf."""
    args, kwargs = theirs._init_args_kwargs
    return {
        "klass": type(theirs),
        "args": args,
        "kwargs": kwargs,
        "state": get_state(theirs, None, half),
        "training_args": {"seed": 42, "dset": {"samplerate": 44100}},
    }


def translated(contents: object, folder: Path) -> Published:
    torch.save(contents, folder / "a.th")
    published = translate(read_contents(folder / "a.th"), {})
    assert published is not None
    return published


def built(published: Published, stems=STEMS) -> nn.Module:
    assert published.net == "hdemucs"
    net = hdemucs(
        published.stems or stems,
        sample_rate=published.sample_rate or 44100,
        channels=published.channels,
        **published.arguments,
    )
    net.load_state_dict(published.state)
    return net.eval()


def says_the_same(ours: nn.Module, theirs: nn.Module, channels: int = 2) -> bool:
    with torch.inference_mode():
        heard = SONG[:, :channels]
        return torch.allclose(ours(heard), theirs(heard), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("stems", "arguments"),
    [
        (STEMS, {}),
        (["vocals", "rest"], {"audio_channels": 1, "samplerate": 16000}),
        (STEMS, {"depth": 5, "freq_emb": 0, "dconv_init": 1e-3, "segment": Fraction(39, 5)}),
        (STEMS, {"nfft": 1024, "depth": 5, "norm_starts": 2, "channels": 16, "growth": 1}),
        (STEMS, {"dconv_comp": 2, "dconv_attn": 3, "context": 2, "emb_scale": 5}),
    ],
)
def test_a_demucs_package_becomes_our_net(tmp_path: Path, stems, arguments) -> None:
    theirs = perturbed(TheirHDemucs(list(stems), **{"channels": 8, **arguments}))
    published = translated(package(theirs), tmp_path)
    assert published.stems == tuple(stems)
    assert published.channels == arguments.get("audio_channels", 2)
    assert published.sample_rate == arguments.get("samplerate", 44100)
    assert says_the_same(built(published), theirs, published.channels)


def test_the_published_hybrid_demucs_has_all_default_arguments(tmp_path: Path) -> None:
    """``hdemucs_mmi`` in all but width: sources, a segment of 44 s and half precision."""
    theirs = perturbed(TheirHDemucs(sources=list(STEMS), channels=8, segment=44))
    published = translated(package(theirs, half=True), tmp_path)
    assert all(tensor.dtype == torch.float16 for tensor in package(theirs, True)["state"].values())
    assert says_the_same(built(published), theirs.half().float())


def test_safetensors_of_demucs_become_our_net(tmp_path: Path) -> None:
    theirs = perturbed(TheirHDemucs(list(STEMS), channels=8))
    metadata = {
        "klass": "demucs.hdemucs.HDemucs",
        "args": '[["drums", "bass", "other", "vocals"]]',
        "kwargs": '{"channels": 8, "segment": {"_type":"fraction","numerator":88,"denominator":2}}',
    }
    save_file(theirs.state_dict(), tmp_path / "a.safetensors", metadata)
    published = translate(read_contents(tmp_path / "a.safetensors"), {})
    assert published is not None
    assert says_the_same(built(published), theirs)


@pytest.mark.parametrize("wrap", [None, "state", "state_dict"])
@pytest.mark.parametrize("arguments", [{}, {"depth": 5}, {"audio_channels": 1}])
def test_bare_tensors_of_demucs_become_our_net(tmp_path: Path, arguments, wrap) -> None:
    theirs = perturbed(TheirHDemucs(list(STEMS), channels=8, **arguments))
    state = theirs.state_dict()
    published = translated({wrap: state} if wrap else state, tmp_path)
    assert says_the_same(built(published), theirs, published.channels)


@pytest.mark.parametrize(
    "arguments",
    [
        {"nfft": 4096, "depth": 6},
        {"nfft": 4096, "depth": 5},
        {"nfft": 2048, "depth": 6},
        {"nfft": 1024, "depth": 5},
    ],
)
def test_bare_tensors_of_torchaudio_become_our_net(tmp_path: Path, arguments) -> None:
    theirs = perturbed(HDemucs(list(STEMS), channels=8, **arguments))
    published = translated(theirs.state_dict(), tmp_path)
    assert (published.stems, published.channels, published.sample_rate) == (None, 2, None)
    assert published.stem_count == 4
    assert published.arguments == {"width": 8, **arguments}
    assert published.assumed == {
        "freq_emb": 0.2,
        "emb_scale": 10,
        "norm_groups": 4,
        "ratio_mask": False,
    }
    assert says_the_same(built(published), theirs)


def test_other_numbers_of_stems_have_no_names(tmp_path: Path) -> None:
    theirs = perturbed(HDemucs(["vocals", "rest"], channels=8))
    published = translated(theirs.state_dict(), tmp_path)
    assert (published.stems, published.stem_count) == (None, 2)
    assert says_the_same(built(published, ("vocals", "rest")), theirs)


@pytest.mark.parametrize("depth", [5, 6])
def test_demucs_reads_what_we_write_for_it(tmp_path: Path, depth: int) -> None:
    ours = perturbed(
        hdemucs(STEMS, sample_rate=16000, channels=2, width=8, depth=depth, dconv_init=0.1)
    )
    torch.save(to_demucs(ours), tmp_path / "a.th")
    theirs = load_model(tmp_path / "a.th", strict=True).eval()
    assert isinstance(theirs, TheirHDemucs)
    assert (theirs.sources, theirs.samplerate) == (list(STEMS), 16000)
    assert says_the_same(ours, theirs)


def test_there_and_back_again_is_the_same_net(tmp_path: Path) -> None:
    ours = perturbed(hdemucs(STEMS, sample_rate=44100, channels=2, width=8))
    published = translated(to_demucs(ours), tmp_path)
    dead = [name for name in ours.state_dict() if name.startswith("time_encoder.4.norm1.")]
    assert len(dead) == 2
    assert published.state.keys() == ours.state_dict().keys()
    for name, tensor in ours.state_dict().items():
        assert name in dead or torch.equal(published.state[name], tensor)


def test_what_demucs_does_not_have() -> None:
    masking = hdemucs(STEMS, sample_rate=44100, channels=2, width=8, ratio_mask=True)
    with pytest.raises(BadDataError, match="no net with ratio masks"):
        to_demucs(masking)


def test_writing_for_demucs_without_demucs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "demucs.hdemucs", None)
    with pytest.raises(UnavailableError, match="pip install demucs"):
        to_demucs(hdemucs(STEMS, sample_rate=44100, channels=2, width=8))


@pytest.mark.parametrize(
    "contents", [None, [], {}, {"w": torch.zeros(2)}, {"state": {}}, {"klass": "x", "state": {}}]
)
def test_what_is_no_demucs(contents) -> None:
    assert translate(contents, {}) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"cac": False},
            "a Hybrid Demucs with cac = False cannot be read; only Hybrid Demucs with",
        ),
        ({"hybrid": False}, "hybrid = False cannot be read"),
        ({"hybrid_old": True}, "hybrid_old = True cannot be read"),
        ({"multi_freqs": [0.5]}, "multi_freqs = [0.5] cannot be read"),
        ({"dconv_mode": 3}, "dconv_mode = 3 cannot be read"),
        ({"channels_time": 24}, "channels_time = 24 cannot be read"),
        ({"rewrite": torch.ones(2)}, "rewrite = tensor"),
        ({"channels": "48"}, "expected a number up to 1000000 for channels, got '48'"),
        ({"growth": float("nan")}, "expected a number up to 1000000 for growth, got nan"),
        ({"depth": 10**9}, "expected a number up to 1000000 for depth, got 1000000000"),
        ({"depth": 10**600}, "expected a number up to 1000000 for depth, got 1000"),
        ({"depth": 5}, "expected 5 layers, the depth, got 6"),
        ({"samplerate": 0}, "expected samplerate to be a whole number up to 1000000, got 0"),
        ({"sources": "drums"}, "expected sources to be a list of stems, got 'drums'"),
    ],
)
def test_packages_that_cannot_be_read(tmp_path: Path, changes, told: str) -> None:
    contents = package(TheirHDemucs(sources=list(STEMS), channels=8))
    contents["kwargs"] = {**contents["kwargs"], **changes}
    with pytest.raises(BadDataError) as refused:
        translated(contents, tmp_path)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"klass": HTDemucs}, "a 'demucs.htdemucs.HTDemucs' cannot be read; of Demucs, only"),
        ({"state": {"__quantized": True}}, "quantised weights (diffq) cannot be read"),
        ({"state": {"a": 1}}, "expected named tensors, got a with a int"),
        ({"state": [torch.zeros(2)]}, "expected a demucs package of args, kwargs and state"),
        ({"args": None}, "expected a demucs package of args, kwargs and state"),
    ],
)
def test_other_packages_that_cannot_be_read(tmp_path: Path, changes, told: str) -> None:
    contents = {**package(TheirHDemucs(list(STEMS), channels=8)), **changes}
    with pytest.raises(BadDataError) as refused:
        translated(contents, tmp_path)
    assert told in str(refused.value)


def test_the_old_demucs_cannot_be_read() -> None:
    contents = {"klass": ForeignClass("demucs.demucs.Demucs"), "args": [], "state": {}}
    with pytest.raises(BadDataError, match=r"a 'demucs\.demucs\.Demucs' cannot be read"):
        translate(contents, {})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"freq_encoder.4.conv.weight": None}, "expected a tensor freq_encoder.4.conv.weight"),
        (
            {"time_decoder.4.conv_tr.weight": None},
            "expected a tensor time_decoder.4.conv_tr.weight",
        ),
        (
            {"time_encoder.0.conv.weight": torch.zeros(())},
            "expected a tensor time_encoder.0.conv.weight with at least 2",
        ),
        (
            {f"time_encoder.{index}.a": torch.zeros(1) for index in range(5000)},
            "expected 10 layers of a Hybrid Demucs at most, got 5000",
        ),
    ],
)
def test_bare_tensors_of_which_the_telling_ones_are_missing(change, told: str) -> None:
    state = {**hdemucs(STEMS, sample_rate=1, channels=2, width=8).state_dict(), **change}
    with pytest.raises(BadDataError) as refused:
        translate({name: tensor for name, tensor in state.items() if tensor is not None}, {})
    assert told in str(refused.value)
