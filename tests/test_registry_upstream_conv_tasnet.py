import json
import re
from pathlib import Path

import pytest
import torch
from conv_tasnet_golden import NAMES, Golden, golden
from safetensors.torch import load_file, save_file

from hclarity.errors import BadDataError
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.registry.upstream.conv_tasnet import translate
from hclarity.registry.upstream.published import Published

DEPTHWISE = "separator.network.2.0.0.net.3.net.0.weight"


def says_the_same(published: Published | None, public: Golden) -> bool:
    """Build what was told, fill it strictly, and compare."""
    assert published is not None
    assert published.net == "convtasnet"
    stems = published.stems or public.told["sources"]
    assert published.stem_count == len(stems)
    net = conv_tasnet(
        stems,
        sample_rate=44100,
        channels=published.channels,
        **published.assumed,
        **published.arguments,
    ).double()
    net.load_state_dict(published.state)
    with torch.inference_mode():
        return torch.allclose(net(public.heard), public.said, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_as_cadenza_publishes_it(tmp_path: Path, name: str) -> None:
    public = golden(name)
    save_file(public.state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps(public.config))
    config = json.loads((tmp_path / "config.json").read_text())
    published = translate(load_file(tmp_path / "model.safetensors"), config)
    assert says_the_same(published, public)
    assert published is not None
    assert (published.sample_rate, published.stems, published.channels) == (44100, None, 2)


@pytest.mark.parametrize("name", ["noncausal", "causal"])
def test_weights_alone_tell_the_net(name: str) -> None:
    public = golden(name)
    published = translate(public.state, {})
    assert says_the_same(published, public)
    assert published is not None
    assert (published.sample_rate, published.stems) == (None, None)
    assert dict(published.arguments) == {
        **{letter: public.told[letter] for letter in "NLBHPXR"},
        "causal": public.told["causal"],
        **({"norm": "cLN"} if name == "causal" else {}),
    }
    assert published.assumed == {
        **({} if name == "causal" else {"norm": "gLN"}),
        "mask": "relu",
    }
    assert published.stem_count == len(public.told["sources"])


@pytest.mark.parametrize("key", ["state_dict", "state"])
@pytest.mark.parametrize("prefix", ["", "model."])
def test_wrapped_weights(key: str, prefix: str) -> None:
    public = golden("causal")
    state = {prefix + name: tensor for name, tensor in public.state.items()}
    contents = {"epoch": 3, key: {**state, "loss.weight": torch.ones(1)} if prefix else state}
    assert says_the_same(translate(contents, {}), public)


def test_a_package_of_demucs_tells_its_stems() -> None:
    public = golden("softmax")
    arguments = {key: value for key, value in public.told.items() if key != "sources"}
    package = {
        "klass": "demucs.tasnet.ConvTasNet",
        "args": [public.told["sources"]],
        "kwargs": {**arguments, "samplerate": 44100, "segment_length": 352800},
        "state": public.state,
    }
    published = translate(package, {})
    assert says_the_same(published, public)
    assert published is not None
    assert published.stems == ("drums", "bass", "vocals")
    assert published.sample_rate == 44100


@pytest.mark.parametrize(
    "contents",
    [None, [], "text", {}, {"state": {}}, {"w": torch.ones(1)}, {"state_dict": torch.ones(1)}],
)
def test_what_is_no_conv_tasnet(contents: object) -> None:
    assert translate(contents, {}) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[(letter, 7) for letter in "NLBHPXRC"],
        ("audio_channels", 1),
        ("causal", False),
        ("N", "8"),
        ("sources", ["vocals", "rest"]),
        ("sources", "abc"),
        ("sources", 3),
    ],
)
def test_a_configuration_that_says_otherwise(key: str, value: object) -> None:
    public = golden("causal")
    with pytest.raises(BadDataError) as refused:
        translate(public.state, {**public.config, key: value})
    assert re.search(f"{key}.* (say|=|got) {re.escape(repr(value))}", str(refused.value))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("norm_type", "BN", "norm_type .* gLN or cLN, got 'BN'"),
        ("norm_type", "id", "norm_type .* gLN or cLN, got 'id'"),
        ("norm_type", "gLN", "'gLN', which hears all frames, but the tensors are of a causal"),
        ("norm_type", ["gLN"], r"norm_type .* gLN or cLN, got \['gLN'\]"),
        ("mask_nonlinear", "sigmoid", "mask_nonlinear .* relu or softmax, got 'sigmoid'"),
        ("samplerate", "fast", "samplerate .* whole number up to .*, got 'fast'"),
        ("samplerate", 0, "samplerate .* whole number up to .*, got 0"),
        ("samplerate", 44100.5, r"samplerate .* whole number up to .*, got 44100\.5"),
    ],
)
def test_an_unsupported_configuration(key: str, value: object, told: str) -> None:
    public = golden("causal")
    with pytest.raises(BadDataError, match=told):
        translate(public.state, {**public.config, key: value})


def test_another_norm_is_seen_in_the_tensors() -> None:
    state = {
        name.replace("gamma", "weight").replace("beta", "bias"): tensor
        for name, tensor in golden("noncausal").state.items()
    }
    with pytest.raises(BadDataError, match=r"with gLN or cLN .* no separator.*net\.2\.gamma"):
        translate(state, {})


@pytest.mark.parametrize(
    "name",
    [
        "separator.network.1.weight",
        "separator.network.3.weight",
        "separator.network.2.0.0.net.0.weight",
        DEPTHWISE,
    ],
)
def test_broken_tensors(name: str) -> None:
    state = golden("noncausal").state
    without = {key: tensor for key, tensor in state.items() if key != name}
    with pytest.raises(BadDataError, match=f"expected a tensor {name} with at least . axes, found"):
        translate(without, {})
    with pytest.raises(BadDataError, match=f"expected a tensor {name} with at least . axes"):
        translate({**state, name: torch.ones(())}, {})


def test_activations_tell_causal_from_non_causal() -> None:
    state = golden("noncausal").state
    name = "separator.network.2.0.0.net.3.net.{}.weight"
    with pytest.raises(BadDataError, match=r"single number as either .* got neither"):
        translate({**state, name.format(1): torch.ones(10)}, {})
    with pytest.raises(BadDataError, match="got both"):
        translate({**state, name.format(2): torch.ones(1)}, {})


def test_scores_that_fit_no_number_of_stems() -> None:
    state = golden("noncausal").state
    with pytest.raises(BadDataError, match="has 25 rows, not some for each of 8 filters"):
        translate({**state, "separator.network.3.weight": torch.ones(25, 6, 1)}, {})


def test_missing_blocks() -> None:
    state = golden("noncausal").state
    last = "separator.network.2.1.1."
    without = {name: tensor for name, tensor in state.items() if not name.startswith(last)}
    with pytest.raises(BadDataError, match=r"expected 2 repeats of 2 blocks .* got 3 blocks"):
        translate(without, {})
    with pytest.raises(BadDataError, match="expected 10000 repeats of 2 blocks"):
        translate({**state, "separator.network.2.9999.0.net": torch.ones(1)}, {})


@pytest.mark.parametrize(
    ("name", "shape", "told"),
    [
        ("encoder.conv1d_U.weight", (8, 2, 7), "even window L .* got L = 7, P = 3"),
        (DEPTHWISE, (10, 1, 4), "odd number of taps P .* got L = 8, P = 4"),
    ],
)
def test_unsupported_sizes(name: str, shape: tuple[int, ...], told: str) -> None:
    with pytest.raises(BadDataError, match=told):
        translate({**golden("noncausal").state, name: torch.ones(shape)}, {})
