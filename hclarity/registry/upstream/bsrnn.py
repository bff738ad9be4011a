"""The BandSplitRNN weights of https://github.com/magronp/bsrnn, as its training leaves them.

Either a Lightning checkpoint, ``{"state_dict": ..., "hyper_parameters": ..., ...}``, or the plain
state of the network. All that the shapes of the weights tell is read off them; what they cannot
tell (stems, sample rate, hop, whether the last stem is a rest) comes from the hyper-parameters,
or else from the configuration beside the file, under the same names.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.nets.bands import band_widths
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
    texts,
    whole_number,
)
from hclarity.registry.upstream.published import Published

__all__ = ["translate"]

_RENAMES = (
    (r"^BN\.(\d+)\.0\.", r"split.\1.norm."),
    (r"^BN\.(\d+)\.1\.", r"split.\1.linear."),
    (r"^separator\.(\d+)\.", r"blocks.\1."),
    (r"\.time_net\.", ".time."),
    (r"\.band_net\.", ".bands."),
    (r"\.main_layer\.", ".lstm."),
    (r"\.proj\.", ".linear."),
    (r"\.tac_module\.concat\.0\.", ".channels.concatenate."),
    (r"\.tac_module\.(transform|average)\.0\.", r".channels.\1."),
    (r"\.tac_module\.(transform|average|concat)\.1\.", ".channels.activation."),
    (r"\.attn_block\.attn_conv_Q_(\d+)\.", r".attention.heads.\1.query."),
    (r"\.attn_block\.attn_conv_K_(\d+)\.", r".attention.heads.\1.key."),
    (r"\.attn_block\.attn_conv_V_(\d+)\.", r".attention.heads.\1.value."),
    (r"\.attn_block\.attn_concat_proj\.", ".attention.out."),
    (r"\.(query|key|value|out)\.0\.", r".\1.linear."),
    (r"\.(query|key|value|out)\.1\.", r".\1.activation."),
    (r"\.(query|key|value|out)\.2\.gamma$", r".\1.norm.weight"),
    (r"\.(query|key|value|out)\.2\.beta$", r".\1.norm.bias"),
    (r"^maskers\.(\d+)\.mask\.(\d+)\.0\.", r"masks.\1.\2.norm."),
    (r"^maskers\.(\d+)\.mask\.(\d+)\.1\.", r"masks.\1.\2.first."),
    (r"^maskers\.(\d+)\.mask\.(\d+)\.3\.", r"masks.\1.\2.second."),
    (r"^maskers\.(\d+)\.mask\.(\d+)\.5\.", r"masks.\1.\2.last."),
)
"""What turns their names into ours, one after another."""

_TRANSFORMS = ("stft.", "istft.")

_ONLY = {
    "time_layer": "lstm",
    "band_layer": "lstm",
    "bidirectional": True,
    "fac_sep": 2,
    "n_heads": 1,
    "group_num": 1,
    "mask_ctxt": 0,
    "eps": 1e-7,
}
"""Hyper-parameters that are understood with one value only."""

_ARGUMENTS = {
    "n_fft": "n_fft",
    "feature_dim": "features",
    "num_repeat": "blocks",
    "fac_mask": "mask_factor",
    "n_att_head": "attention_heads",
    "attn_enc_dim": "attention_features",
    "fac_tac": "tac_factor",
    "act_tac": "tac_activation",
}
"""Their hyper-parameters -> our arguments, of those that the weights tell."""


def translate(contents: object, config: Mapping[str, object]) -> Published | None:
    """Return the weights in our terms, or None when these are not weights of that project.

    Args:
        contents: what the file holds, as plain Python and tensors.
        config: what lies beside it; here, hyper-parameters by their names.

    Raises:
        BadDataError: when they are, but are broken, contradict each other, or belong to a variant
            that is not supported.
    """
    found = state_with(contents, "BN.0.1.weight")
    if found is None or not isinstance(contents, Mapping):
        return None
    state = {name: found[name] for name in found if not name.startswith(_TRANSFORMS)}
    hyper = mapping(contents.get("hyper_parameters", {}), "hyper_parameters")
    told = {**config, **hyper}
    arguments = _arguments(state)
    require_told(told, _ONLY | _expected(arguments))
    maskers, sample_rate = numbers(state, "maskers."), whole_number(told, "sample_rate")
    stems, rest = _stems(told, maskers)
    arguments["bands"] = scheme_of(_widths(state), sample_rate, band_widths)
    said: dict[str, Argument | None] = {
        "hop": whole_number(told, "n_hop"),
        "rest_stem": rest if stems else None,
    }
    common: dict[str, Argument] = {"hop": sum(_widths(state)) // 2, "rest_stem": False}
    return Published(
        net="bsrnn",
        arguments={**arguments, **{n: value for n, value in said.items() if value is not None}},
        state=_translated(state),
        stem_count=maskers + rest,
        assumed={name: value for name, value in common.items() if said[name] is None},
        stems=stems,
        sample_rate=sample_rate,
        channels=whole_number(told, "nb_channels"),
    )


def _arguments(state: Mapping[str, Tensor]) -> dict[str, Argument]:
    """What the shapes tell, as arguments of the net."""
    features = size(state, "BN.0.1.weight", 0)
    _require_lstm(state, features)
    arguments: dict[str, Argument] = {
        "n_fft": 2 * (sum(_widths(state)) - 1),
        "features": features,
        "blocks": numbers(state, "separator."),
        "mask_factor": size(state, "maskers.0.mask.0.1.weight", 0) // features,
    }
    attention = "separator.0.attn_block.attn_conv_Q_"
    if heads := numbers(state, attention):
        arguments["attention_heads"] = heads
        arguments["attention_features"] = size(state, f"{attention}0.0.weight", 0)
    transform = "separator.0.tac_module.transform"
    if f"{transform}.0.weight" in state:
        arguments["tac"] = True
        arguments["tac_factor"] = size(state, f"{transform}.0.weight", 0) // features
        arguments["tac_activation"] = "prelu" if f"{transform}.1.weight" in state else "tanh"
    return arguments


def _expected(arguments: Mapping[str, Argument]) -> dict[str, object]:
    """What hyper-parameters say of a net with these arguments."""
    expected = {theirs: arguments[ours] for theirs, ours in _ARGUMENTS.items() if ours in arguments}
    told: dict[str, object] = {"n_att_head": 0, **expected}
    return {**told, "stereo": "tac" if "tac" in arguments else None}


def _require_lstm(state: Mapping[str, Tensor], features: int) -> None:
    """Refuse other recurrences, and what has none."""
    for path in ("time_net", "band_net"):
        for direction in ("", "_reverse"):
            name = f"separator.0.{path}.main_layer.weight_hh_l0{direction}"
            if name not in state or state[name].shape != (8 * features, 2 * features):
                raise BadDataError(
                    f"expected a bidirectional LSTM of {2 * features} hidden features, but"
                    f" {name} is not there or of another shape"
                )


def _widths(state: Mapping[str, Tensor]) -> list[int]:
    """Bins of each band, of which the weights see real and imaginary parts."""
    bands = range(numbers(state, "BN."))
    return [size(state, f"BN.{band}.1.weight", 1) // 2 for band in bands]


def _stems(told: Mapping[str, object], maskers: int) -> tuple[tuple[str, ...] | None, bool]:
    """Their names, if told, and whether the last one is what the others leave."""
    targets = told.get("targets")
    if targets is None:
        return None, False
    names = texts([targets] if isinstance(targets, str) else targets, "targets")
    rest = len(names) > 1 and told.get("subtract_last_trgt") is True
    if len(names) != maskers + rest:
        raise BadDataError(
            f"expected {maskers + rest} targets for {maskers} maskers, got {shown(names)}"
        )
    return names, rest


def _translated(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    translated: dict[str, Tensor] = {}
    for name, tensor in state.items():
        ours, value = renamed(name, _RENAMES), _reshaped(name, tensor)
        if ours in translated and not torch.equal(translated[ours], value):
            raise BadDataError(f"expected one PReLU in all of a TAC module; {name} is another")
        translated[ours] = value
    return translated


def _reshaped(name: str, tensor: Tensor) -> Tensor:
    """Convolutions of one tap become matrices; gains by feature and band, by band and feature."""
    if name.endswith((".gamma", ".beta")) and tensor.ndim == 4:
        return tensor.flatten(0, 1).flatten(1).t().contiguous()
    return tensor.flatten(1) if tensor.ndim > 2 else tensor
