"""Conv-TasNet as published by Demucs v2 (``tasnet``) and Cadenza (``ConvTasNetStereo``).

The names of the weights are those of `hclarity.nets.conv_tasnet`. Their shapes tell the sizes of
the net; a ``config.json`` beside them, or the arguments that a Demucs package holds, must agree.
"""

import re
from collections.abc import Mapping, Sequence

from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.registry.cards import Argument
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
    state = _state(contents)
    if state is None:
        return None
    sizes = _sizes(state)
    told = {**_told(contents), **config}
    _agree(told, sizes)
    stems = _stems(told, sizes["C"])
    causal = bool(sizes["causal"])
    arguments: dict[str, Argument] = {name: sizes[name] for name in SIZES}
    arguments |= {"causal": causal, "norm": _norm(state, told, causal), "mask": _mask(told)}
    return Published(
        net="convtasnet",
        arguments=arguments,
        state=state,
        channels=sizes["audio_channels"],
        stems=stems,
        sample_rate=_sample_rate(told),
    )


def _state(contents: object) -> dict[str, Tensor] | None:
    """Find the named tensors and take what is before all their names away."""
    if not isinstance(contents, Mapping):
        return None
    for tensors in (contents, contents.get("state_dict"), contents.get("state")):
        if not isinstance(tensors, Mapping):
            continue
        for first in tensors:
            if isinstance(first, str) and first.endswith(ENCODER):
                prefix = first.removesuffix(ENCODER)
                return {
                    name.removeprefix(prefix): tensor
                    for name, tensor in tensors.items()
                    if isinstance(name, str) and name.startswith(prefix)
                }
    return None


def _sizes(state: Mapping[str, Tensor]) -> dict[str, int]:
    """The sizes of the net under the names of the published code."""
    causal = _causal(state)
    n, channels, window = _shape(state, ENCODER)
    b, *_ = _shape(state, BOTTLENECK)
    scores, *_ = _shape(state, SCORES)
    h, *_ = _shape(state, WIDEN)
    *_, taps = _shape(state, DEPTHWISE)
    if not n or scores % n:
        raise BadDataError(f"{SCORES} has {scores} rows, not some for each of {n} filters")
    if window % 2 or not taps % 2:
        raise BadDataError(
            "only Conv-TasNets with an even window L and an odd number of taps P are supported, got"
            f" L = {window}, P = {taps}"
        )
    repeats, each = _grid(state)
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


def _shape(state: Mapping[str, Tensor], name: str) -> tuple[int, int, int]:
    tensor = state.get(name)
    if not isinstance(tensor, Tensor) or tensor.ndim != 3:
        found = "no tensor" if not isinstance(tensor, Tensor) else list(tensor.shape)
        raise BadDataError(f"expected {name} of three axes in a Conv-TasNet, got {found}")
    first, second, third = tensor.shape
    return first, second, third


def _causal(state: Mapping[str, Tensor]) -> bool:
    found = [causal for causal, name in ACTIVATION.items() if _numbers(state.get(name)) == 1]
    if len(found) != 1:
        raise BadDataError(
            f"expected a PReLU's single number as either {' or '.join(ACTIVATION.values())}"
            f" in a Conv-TasNet, got {'both' if found else 'neither'}"
        )
    return found[0]


def _numbers(value: object) -> int:
    return value.numel() if isinstance(value, Tensor) else 0


def _told(contents: object) -> Mapping[str, object]:
    """What a Demucs package says beside its state: the arguments the net was built with."""
    if not isinstance(contents, Mapping):
        return {}
    given, named = contents.get("args"), contents.get("kwargs")
    sources = {"sources": given[0]} if isinstance(given, Sequence) and given else {}
    return {**sources, **(named if isinstance(named, Mapping) else {})}


def _agree(told: Mapping[str, object], sizes: Mapping[str, int]) -> None:
    for name, size in sizes.items():
        if name in told and told[name] != size:
            raise BadDataError(
                f"the configuration says {name} = {told[name]!r}, the tensors are of a"
                f" Conv-TasNet with {name} = {size!r}"
            )


def _norm(state: Mapping[str, Tensor], told: Mapping[str, object], causal: bool) -> str:
    """Both norms have the same tensors; without a word, a net has the one made for its kind."""
    norm = _one_of(("gLN", "cLN"), "norm_type", told, "cLN" if causal else "gLN")
    if NORM + "gamma" not in state:
        raise BadDataError(f"only Conv-TasNets with gLN or cLN are supported: no {NORM}gamma")
    if causal and norm == "gLN":
        raise BadDataError(
            "the configuration says norm_type = 'gLN', which hears all frames, but the tensors are"
            " of a causal Conv-TasNet; only causal nets with cLN are supported"
        )
    return norm


def _mask(told: Mapping[str, object]) -> str:
    return _one_of(("relu", "softmax"), "mask_nonlinear", told, "relu")


def _one_of(known: Sequence[str], key: str, told: Mapping[str, object], default: str) -> str:
    word = told.get(key, default)
    if not isinstance(word, str) or word not in known:
        raise BadDataError(f"{key} of a Conv-TasNet must be {' or '.join(known)}, got {word!r}")
    return word


def _sample_rate(told: Mapping[str, object]) -> int | None:
    rate = told.get("samplerate")
    if rate is None or (isinstance(rate, int) and rate > 0):
        return rate
    raise BadDataError(f"samplerate of a Conv-TasNet must be a whole number of Hz, got {rate!r}")


def _stems(told: Mapping[str, object], count: int) -> tuple[str, ...] | None:
    names = told.get("sources")
    if names is None:
        return None
    texts = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    if not isinstance(names, list | tuple) or not texts or len(names) != count:
        raise BadDataError(
            f"the configuration says sources = {names!r}, the tensors are of a Conv-TasNet for"
            f" {count} stems"
        )
    return tuple(names)
