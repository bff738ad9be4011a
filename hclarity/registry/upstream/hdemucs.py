"""Hybrid Demucs as others publish it: the ``demucs`` package's files, and torchaudio's.

Both packages build the same network under different names. torchaudio's, which are those of
`hclarity.nets.hdemucs`, hold two tensors more: a norm of the innermost layer of the waveform's
encoder that nothing ever goes through.
"""

import importlib
import io
import re
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from hclarity.errors import BadDataError, UnavailableError
from hclarity.nets.hdemucs import RatioMaskHDemucs
from hclarity.nets.hybrid_demucs import HybridDemucs
from hclarity.registry.cards import Argument
from hclarity.registry.quoting import shown
from hclarity.registry.upstream.evidence import (
    LARGEST,
    named_tensors,
    numbers,
    size,
    state_with,
    texts,
    whole_number,
)
from hclarity.registry.upstream.published import Published
from hclarity.registry.upstream.shells import ForeignClass

__all__ = ["demucs_file", "demucs_name", "to_demucs", "translate"]

_READABLE = (
    "Hybrid Demucs with complex-as-channels spectra"
    " (demucs' HDemucs as in hdemucs_mmi, torchaudio's HDemucs)"
)

# Beginnings of a tensor's name, here and in torchaudio -> in demucs.
_PREFIXES = {
    "freq_encoder.": "encoder.",
    "freq_decoder.": "decoder.",
    "time_encoder.": "tencoder.",
    "time_decoder.": "tdecoder.",
    "freq_emb.": "freq_emb.",
}

# demucs' arguments -> ours, with demucs' defaults; the rest of its arguments must be as below.
_ARGUMENTS: dict[str, tuple[str, Argument]] = {
    "channels": ("width", 48),
    "growth": ("growth", 2),
    "nfft": ("nfft", 4096),
    "depth": ("depth", 6),
    "freq_emb": ("freq_emb", 0.2),
    "emb_scale": ("emb_scale", 10),
    "emb_smooth": ("emb_smooth", True),
    "kernel_size": ("kernel_size", 8),
    "time_stride": ("time_stride", 2),
    "stride": ("stride", 4),
    "context": ("context", 1),
    "context_enc": ("context_enc", 0),
    "norm_starts": ("norm_starts", 4),
    "norm_groups": ("norm_groups", 4),
    "dconv_depth": ("dconv_depth", 2),
    "dconv_comp": ("dconv_comp", 4),
    "dconv_attn": ("dconv_attn", 4),
    "dconv_lstm": ("dconv_lstm", 4),
    "dconv_init": ("dconv_init", 1e-4),
}

_REQUIRED: dict[str, tuple[object, ...]] = {
    "cac": (True,),
    "hybrid": (True,),
    "hybrid_old": (False,),
    "multi_freqs": (None, []),
    "dconv_mode": (1,),
    "channels_time": (None, 0),
    "rewrite": (True,),
}

# Of all ages; the package also published a Conv-TasNet, which is not for here.
_DEMUCS = re.compile(r"demucs\..*Demucs")

_MOST_LAYERS = 10

# Arguments that no shape shows, as both packages publish them; their nets have no ratio masks.
_COMMON: dict[str, Argument] = {"norm_groups": 4, "ratio_mask": False}
_COMMON_EMBEDDING: dict[str, Argument] = {"freq_emb": 0.2, "emb_scale": 10}


def demucs_name(name: str) -> str:
    """Return the name that demucs gives to one of our tensors.

    >>> demucs_name("time_encoder.0.conv.weight")
    'tencoder.0.conv.weight'
    """
    for ours, theirs in _PREFIXES.items():
        if name.startswith(ours):
            return theirs + name.removeprefix(ours)
    return name


def translate(contents: object, config: Mapping[str, object]) -> Published | None:
    """Translate a demucs package, or the tensors of demucs' or torchaudio's Hybrid Demucs.

    Args:
        contents: of a file, as `read_contents` returns them.
        config: not used: neither publisher has any.

    Returns:
        The weights; None when these are not a Demucs' contents.

    Raises:
        BadDataError: for a Demucs that is not a Hybrid Demucs of the kind that is built here.
    """
    if not isinstance(contents, dict):
        return None
    klass = contents.get("klass")
    if isinstance(klass, ForeignClass) and _DEMUCS.fullmatch(klass.name) and "state" in contents:
        return _of_package(contents)
    for telling in ("freq_encoder.0.conv.weight", "encoder.0.conv.weight"):
        state = state_with(contents, telling)
        if state and state.keys() & {"time_encoder.0.conv.weight", "tencoder.0.conv.weight"}:
            return _of_state(state)
    return None


def demucs_file(net: nn.Module) -> bytes:
    """Return a net as a file that demucs reads.

    Raises:
        BadDataError: for a net that demucs does not have.
        UnavailableError: when demucs is not installed: the file names its class.
    """
    if not isinstance(net, HybridDemucs):
        raise BadDataError(f"demucs has no {type(net).__name__}; only Hybrid Demucs goes there")
    contents = io.BytesIO()
    torch.save(to_demucs(net), contents)
    return contents.getvalue()


def to_demucs(net: HybridDemucs) -> dict[str, object]:
    """Return a net as the package that demucs' own ``load_model`` reads and ``torch.save`` writes.

    Raises:
        BadDataError: for a net that demucs does not have.
        UnavailableError: when demucs is not installed: the package holds its class.
    """
    if isinstance(net, RatioMaskHDemucs):
        raise BadDataError(
            "the demucs package has no net with ratio masks; the official weights can go there"
        )
    try:
        klass = importlib.import_module("demucs.hdemucs").HDemucs
    except ImportError as error:
        raise UnavailableError("writing for demucs needs it: pip install demucs") from error
    dead = _dead_norm(net.state_dict())
    return {
        "klass": klass,
        "args": (list(net.traits.stems),),
        "kwargs": {
            "audio_channels": net.traits.channels,
            "channels": net.channels,
            "samplerate": net.traits.sample_rate,
            **net.arguments,
        },
        "state": {
            demucs_name(name): tensor.detach().cpu().clone()
            for name, tensor in net.state_dict().items()
            if not name.startswith(dead)
        },
        "training_args": {},
    }


def _of_package(package: Mapping[str, object]) -> Published:
    klass = cast("ForeignClass", package["klass"]).name
    if klass != "demucs.hdemucs.HDemucs":
        raise BadDataError(f"a {shown(klass)} cannot be read; of Demucs, only {_READABLE}")
    args, kwargs, state = package.get("args"), package.get("kwargs"), package["state"]
    if not isinstance(args, list) or not isinstance(kwargs, dict) or not isinstance(state, dict):
        raise BadDataError("expected a demucs package of args, kwargs and state")
    if "__quantized" in state:
        raise BadDataError("quantised weights (diffq) cannot be read; get those without _q")
    arguments = _arguments(kwargs)
    sources = kwargs.get("sources", args[0] if args else None)
    stems = texts(sources, "sources")
    ours = _ours(named_tensors(state), int(arguments["norm_starts"]))
    layers = numbers(ours, "freq_encoder.")
    if layers != arguments["depth"]:
        raise BadDataError(f"expected {arguments['depth']} layers, the depth, got {layers}")
    return Published(
        net="hdemucs",
        arguments=arguments,
        state=ours,
        stem_count=len(stems),
        stems=stems,
        sample_rate=whole_number(kwargs, "samplerate") or 44100,
        channels=whole_number(kwargs, "audio_channels") or 2,
    )


def _arguments(kwargs: Mapping[object, object]) -> dict[str, Argument]:
    """Return our arguments for demucs', or refuse what is not built here."""
    for name, allowed in _REQUIRED.items():
        value = kwargs.get(name, allowed[0])
        if isinstance(value, Tensor) or value not in allowed:
            raise BadDataError(
                f"a Hybrid Demucs with {name} = {shown(value)} cannot be read; only {_READABLE}"
            )
    arguments: dict[str, Argument] = {"ratio_mask": False}
    for theirs, (ours, default) in _ARGUMENTS.items():
        value = kwargs.get(theirs, default)
        if not isinstance(value, int | float) or not 0 <= value <= LARGEST:
            raise BadDataError(
                f"expected a number up to {LARGEST} for {theirs}, got {shown(value)}"
            )
        arguments[ours] = value
    return arguments


def _ours(state: Mapping[str, Tensor], norm_starts: int) -> dict[str, Tensor]:
    """Return demucs' tensors under our names, and with those that it does without."""
    back = {theirs: ours for ours, theirs in _PREFIXES.items()}
    ours = {}
    for name, tensor in state.items():
        prefix = f"{name.partition('.')[0]}."
        ours[back.get(prefix, prefix) + name.removeprefix(prefix)] = tensor
    dead = _dead_norm(ours)
    innermost = ours.get(dead.replace("norm1.", "conv.weight"))
    if innermost is not None and innermost.ndim and numbers(ours, "time_encoder.") > norm_starts:
        ours[f"{dead}weight"] = torch.ones(innermost.shape[0])
        ours[f"{dead}bias"] = torch.zeros(innermost.shape[0])
    return ours


def _dead_norm(state: Mapping[str, Tensor]) -> str:
    return f"time_encoder.{numbers(state, 'time_encoder.') - 1}.norm1."


def _of_state(state: dict[str, Tensor]) -> Published:
    """Translate bare tensors, of which the shapes tell the arguments that are not the defaults."""
    if "encoder.0.conv.weight" in state:
        state = _ours(state, cast("int", _ARGUMENTS["norm_starts"][1]))
    halves = numbers(state, "time_encoder.")
    if halves > _MOST_LAYERS:
        raise BadDataError(
            f"expected {_MOST_LAYERS} layers of a Hybrid Demucs at most, got {halves}"
        )
    channels = size(state, "time_encoder.0.conv.weight", 1)
    arguments: dict[str, Argument] = {
        "width": size(state, "freq_encoder.0.conv.weight", 0),
        "depth": numbers(state, "freq_encoder."),
    }
    embedded = "freq_emb.embedding.weight" in state
    # Each layer leaves a quarter of the bins, if its stride is 4, and the last one is as wide.
    bins = 4 ** (halves - 2) * size(state, f"freq_encoder.{halves - 1}.conv.weight", 2)
    if not embedded or size(state, "freq_emb.embedding.weight", 0) == bins:
        arguments["nfft"] = 8 * bins
    return Published(
        net="hdemucs",
        arguments=arguments if embedded else {**arguments, "freq_emb": 0},
        state=state,
        stem_count=size(state, f"time_decoder.{halves - 1}.conv_tr.weight", 1) // channels,
        assumed={**_COMMON, **_COMMON_EMBEDDING} if embedded else _COMMON,
        channels=channels,
    )
