"""Conv-TasNet as published by Demucs v2 (``tasnet``) and Cadenza (``ConvTasNetStereo``).

The names of the weights are those of `hclarity.nets.conv_tasnet`. Their shapes tell the sizes of
the net; a ``config.json`` beside them, or the arguments that a Demucs package holds, must agree.
"""

import re
from collections.abc import Mapping

from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.registry.cards import Argument
from hclarity.registry.quoting import shown
from hclarity.registry.upstream.evidence import (
    require_told,
    size,
    state_with,
    texts,
    whole_number,
)
from hclarity.registry.upstream.published import Published

__all__ = ["translate"]

SIZES = ("N", "L", "B", "H", "P", "X", "R")  # that are arguments of the net
ENCODER = "encoder.conv1d_U.weight"  # [N, channels, L]: names like no other project's
BOTTLENECK = "separator.network.1.weight"  # [B, N, 1]
SCORES = "separator.network.3.weight"  # [C N, B, 1]
BLOCK = "separator.network.2.0.0.net."
WIDEN = BLOCK + "0.weight"  # [H, B, 1]
NORM = BLOCK + "2."
DEPTHWISE = BLOCK + "3.net.0.weight"  # [H, 1, P]
# A causal net has a module without weights between the convolution and its PReLU.
ACTIVATION = {False: BLOCK + "3.net.1.weight", True: BLOCK + "3.net.2.weight"}
_COMMON = {"norm": "gLN", "mask": "relu"}  # where nothing is told: tensors show neither
ANY_BLOCK = re.compile(r"separator\.network\.2\.(\d{1,4})\.(\d{1,4})\.")


def translate(contents: object, config: Mapping[str, object]) -> Published | None:
    """Read what a published Conv-TasNet's file holds.

    Args:
        contents: of the file: named tensors, as they are or as ``state_dict`` or ``state`` of a
            dict, all with or without a prefix such as Lightning's ``model.``.
        config: of the ``config.json`` beside it; empty if there is none.

    Returns:
        The weights, and what is known of the net; None when these are not of a Conv-TasNet.

    Raises:
        BadDataError: when they are, but of a kind that is not supported, or when the configuration
            says otherwise than the tensors.
    """
    state = state_with(contents, ENCODER)
    if state is None:
        return None
    sizes = _sizes(state)
    told = {**_told(contents), **config}
    require_told(told, sizes)
    if NORM + "gamma" not in state:
        raise BadDataError(f"only Conv-TasNets with gLN or cLN are supported: no {NORM}gamma")
    arguments: dict[str, Argument] = {name: sizes[name] for name in SIZES}
    causal = arguments["causal"] = bool(sizes["causal"])
    words = {"norm": _norm(told, causal), "mask": _mask(told)}
    return Published(
        net="convtasnet",
        arguments={**arguments, **{name: word for name, word in words.items() if word}},
        state=state,
        stem_count=sizes["C"],
        assumed={name: _COMMON[name] for name, word in words.items() if not word},
        stems=_stems(told, sizes["C"]),
        sample_rate=whole_number(told, "samplerate"),
        channels=sizes["audio_channels"],
    )


def _sizes(state: Mapping[str, Tensor]) -> dict[str, int]:
    """The sizes of the net under the names of the published code."""
    causal = _causal(state)
    n, channels, window = (size(state, ENCODER, axis) for axis in range(3))
    scores = size(state, SCORES, 0)
    if scores % n:
        raise BadDataError(f"{SCORES} has {scores} rows, not some for each of {n} filters")
    taps = size(state, DEPTHWISE, 2)
    if window % 2 or not taps % 2:
        raise BadDataError(
            "only Conv-TasNets with an even window L and an odd number of taps P are supported, got"
            f" L = {window}, P = {taps}"
        )
    repeats, each = _grid(state)
    b, h = size(state, BOTTLENECK, 0), size(state, WIDEN, 0)
    found = dict(zip(SIZES, (n, window, b, h, taps, each, repeats), strict=True))
    return {**found, "C": scores // n, "audio_channels": channels, "causal": causal}


def _grid(state: Mapping[str, Tensor]) -> tuple[int, int]:
    """How many repeats there are, and how many blocks in each."""
    matches = map(ANY_BLOCK.match, state)
    blocks = {(int(match[1]), int(match[2])) for match in matches if match}
    repeats, each = (1 + max(block[axis] for block in blocks) for axis in (0, 1))
    if len(blocks) != repeats * each:
        raise BadDataError(
            f"expected {repeats} repeats of {each} blocks in a Conv-TasNet, got {len(blocks)}"
            " blocks in all"
        )
    return repeats, each


def _causal(state: Mapping[str, Tensor]) -> bool:
    found = [
        causal for causal, name in ACTIVATION.items() if name in state and state[name].numel() == 1
    ]
    if len(found) != 1:
        raise BadDataError(
            f"expected a PReLU's single number as either {' or '.join(ACTIVATION.values())}"
            f" in a Conv-TasNet, got {'both' if found else 'neither'}"
        )
    return found[0]


def _told(contents: object) -> Mapping[str, object]:
    """What a Demucs package says beside its state: the arguments the net was built with."""
    if not isinstance(contents, Mapping) or not isinstance(contents.get("kwargs"), Mapping):
        return {}
    given = contents.get("args")
    sources = {"sources": given[0]} if isinstance(given, list) and given else {}
    # Of its class, these are the defaults.
    return {"norm_type": "gLN", "mask_nonlinear": "relu", **sources, **contents["kwargs"]}


def _norm(told: Mapping[str, object], causal: bool) -> str | None:
    """Both norms have the same tensors; but in a causal net there can be one only."""
    norm = _one_of(("gLN", "cLN"), "norm_type", told)
    if causal and norm == "gLN":
        raise BadDataError(
            "the configuration says norm_type = 'gLN', which hears all frames, but the tensors are"
            " of a causal Conv-TasNet; only causal nets with cLN are supported"
        )
    return "cLN" if causal else norm


def _mask(told: Mapping[str, object]) -> str | None:
    return _one_of(("relu", "softmax"), "mask_nonlinear", told)


def _one_of(known: tuple[str, ...], key: str, told: Mapping[str, object]) -> str | None:
    word = told.get(key)
    if word is None or (isinstance(word, str) and word in known):
        return word
    raise BadDataError(f"{key} of a Conv-TasNet must be {' or '.join(known)}, got {shown(word)}")


def _stems(told: Mapping[str, object], count: int) -> tuple[str, ...] | None:
    if told.get("sources") is None:
        return None
    names = texts(told["sources"], "sources")
    if len(names) != count:
        raise BadDataError(
            f"the configuration says sources = {shown(told['sources'])}, the tensors are of a"
            f" Conv-TasNet for {count} stems"
        )
    return names
