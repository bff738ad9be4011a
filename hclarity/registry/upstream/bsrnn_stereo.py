"""The BandSplitRNN weights of https://github.com/amanteur/BandSplitRNN-PyTorch.

Either the plain state of the network, or a Lightning checkpoint with that state under ``model.``.
All that shapes tell is read off them. The stem, the sample rate and the hop are told by the
project's own configuration, where there is one: among the checkpoint's hyper-parameters, or beside
the file.
"""

from collections.abc import Mapping

from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.nets.bands import band_widths_by_edges
from hclarity.registry.cards import Argument
from hclarity.registry.quoting import shown
from hclarity.registry.upstream.band_schemes import scheme_of
from hclarity.registry.upstream.evidence import (
    mapping,
    numbers,
    renamed,
    require_told,
    size,
    state_with,
    whole_number,
)
from hclarity.registry.upstream.published import Published

__all__ = ["translate"]

_RENAMES = (
    (r"^bandsplit\.layernorms\.(\d+)\.", r"split.\1.norm."),
    (r"^bandsplit\.fcs\.(\d+)\.", r"split.\1.linear."),
    (r"^bandsequence\.bsrnn\.(\d+)\.0\.", r"blocks.\1.time."),
    (r"^bandsequence\.bsrnn\.(\d+)\.1\.", r"blocks.\1.bands."),
    (r"\.groupnorm\.", ".norm."),
    (r"\.rnn\.", ".lstm."),
    (r"\.fc\.", ".linear."),
    (r"^maskest\.layernorms\.(\d+)\.", r"masks.\1.norm."),
    (r"^maskest\.mlp\.(\d+)\.mlp\.0\.", r"masks.\1.first."),
    (r"^maskest\.mlp\.(\d+)\.mlp\.2\.", r"masks.\1.second."),
    (r"^maskest\.mlp\.(\d+)\.mlp\.3\.linear\.", r"masks.\1.gated."),
)
"""What turns their names into ours, one after another."""

_ONLY = {
    "bottleneck_layer": "rnn",
    "rnn_type": "LSTM",
    "bidirectional": True,
    "complex_as_channel": True,
    "return_mask": False,
}
"""Hyper-parameters that are understood with one value only."""

_ARGUMENTS = {
    "n_fft": "n_fft",
    "fc_dim": "features",
    "rnn_dim": "rnn_features",
    "num_layers": "blocks",
    "mlp_dim": "mask_features",
    "t_timesteps": "time_steps",
}
"""Their hyper-parameters -> our arguments, of those that the weights tell."""


def translate(contents: object, config: Mapping[str, object]) -> Published | None:
    """Return the weights in our terms, or None when these are not weights of that project.

    Args:
        contents: what the file holds, as plain Python and tensors.
        config: what lies beside it: ``{"model": ..., "featurizer": ..., "audio_params": ...}``.

    Raises:
        BadDataError: when they are, but are broken, contradict each other, or belong to a variant
            that is not supported.
    """
    state = state_with(contents, "bandsplit.fcs.0.weight")
    if state is None:
        return None
    told = config
    if isinstance(contents, Mapping) and "hyper_parameters" in contents:
        told = {**config, **mapping(contents["hyper_parameters"], "hyper_parameters")}
    model = mapping(told.get("model", {}), "model")
    channels = 1 if model.get("is_mono") is True else 2
    arguments = _arguments(state, channels)
    expected = {theirs: arguments[ours] for theirs, ours in _ARGUMENTS.items()}
    require_told(model, {**_ONLY, **expected})
    sample_rate = whole_number(model, "sr")
    arguments["bands"] = scheme_of(_widths(state, channels), sample_rate, band_widths_by_edges)
    hop, common = _hop(told), sum(_widths(state, channels)) // 2
    return Published(
        net="bsrnn-stereo",
        arguments={**arguments, "hop": hop} if hop else arguments,
        state={renamed(name, _RENAMES): _reshaped(name, state[name]) for name in state},
        stem_count=1,
        assumed={} if hop else {"hop": common},
        channels=channels,
        stems=_stems(told),
        sample_rate=sample_rate,
    )


def _arguments(state: Mapping[str, Tensor], channels: int) -> dict[str, Argument]:
    """What the shapes tell, as arguments of the net."""
    hidden = size(state, "maskest.mlp.0.mlp.0.weight", 0)
    return {
        "n_fft": 2 * (sum(_widths(state, channels)) - 1),
        "features": size(state, "bandsplit.fcs.0.weight", 0),
        "rnn_features": _lstm_features(state),
        "blocks": numbers(state, "bandsequence.bsrnn."),
        "mask_features": hidden,
        "time_steps": size(state, "bandsplit.layernorms.0.weight", 1),
    }


def _lstm_features(state: Mapping[str, Tensor]) -> int:
    """Hidden features of each direction; anything but an LSTM both ways is refused."""
    names = [
        f"bandsequence.bsrnn.0.0.rnn.weight_hh_l0{direction}" for direction in ("", "_reverse")
    ]
    gates, hidden = (size(state, names[0], axis) for axis in (0, 1))
    if gates != 4 * hidden or names[1] not in state:
        raise BadDataError(f"expected a bidirectional LSTM, but {names[0]} belongs to another net")
    return hidden


def _widths(state: Mapping[str, Tensor], channels: int) -> list[int]:
    """Bins of each band, of which the weights see two parts of each channel."""
    bands = range(numbers(state, "bandsplit.fcs."))
    sizes = [size(state, f"bandsplit.fcs.{band}.weight", 1) for band in bands]
    steps = sum(sizes) // (2 * channels) - 1
    if any(parts % (2 * channels) for parts in sizes) or steps & (steps - 1):
        raise BadDataError(
            f"expected bands of real and imaginary parts of {channels} channels that make up a"
            f" spectrum of 2^n + 1 bins, got {sum(sizes)} parts"
        )
    return [parts // (2 * channels) for parts in sizes]


def _hop(told: Mapping[str, object]) -> int | None:
    featurizer = mapping(told.get("featurizer", {}), "featurizer")
    transform = mapping(featurizer.get("direct_transform", {}), "direct_transform")
    return whole_number(transform, "hop_length")


def _stems(told: Mapping[str, object]) -> tuple[str, ...] | None:
    target = mapping(told.get("audio_params", {}), "audio_params").get("target")
    if target is not None and not isinstance(target, str):
        raise BadDataError(f"expected target to be the name of a stem, got {shown(target)}")
    return None if target is None else (target,)


def _reshaped(name: str, tensor: Tensor) -> Tensor:
    """Gains by part and step become gains by step and part."""
    gains = name.startswith("bandsplit.layernorms.") and tensor.ndim == 2
    return tensor.t().contiguous() if gains else tensor
