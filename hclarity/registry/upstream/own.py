"""Weights as hclarity writes them: safetensors that say of which net they are.

The metadata of the file has one key, ``hclarity``: JSON of net, arguments, stems, sample rate and
channels.
"""

import json
from collections.abc import Mapping

import torch
from safetensors.torch import save

from hclarity.errors import BadDataError
from hclarity.registry.cards import Argument
from hclarity.registry.quoting import shown
from hclarity.registry.upstream.evidence import (
    LARGEST,
    checked_state,
    mapping,
    named_tensors,
    texts,
    whole_number,
)
from hclarity.registry.upstream.published import Published

__all__ = ["KEY", "packed", "translate"]

KEY = "hclarity"
"""Of the metadata; and of what `read_contents` makes of such a file, beside ``state``."""

# Arguments that count parts of a net, each with tensors of its own.
_LAYERS = {"R", "X", "attention_heads", "blocks", "dconv_depth", "depth"}


def packed(published: Published) -> bytes:
    """Return weights as a file, from which `translate` reads all but what is assumed.

    Raises:
        BadDataError: for weights that are not finite.
    """
    state = checked_state(published.state)
    about = {
        "net": published.net,
        "arguments": dict(published.arguments),
        "stems": published.stems,
        "sample_rate": published.sample_rate,
        "channels": published.channels,
    }
    # Numbers of its own for each: in other formats, tensors may share them.
    whole = {name: t.clone(memory_format=torch.contiguous_format) for name, t in state.items()}
    return save(whole, {KEY: json.dumps(about)})


def translate(contents: object, config: Mapping[str, object]) -> Published | None:
    """Return the weights and what they say of themselves, or None when these are not our own.

    Args:
        contents: ``{"hclarity": ..., "state": ...}``, as `read_contents` returns them.
        config: not used: all is in the file.

    Raises:
        BadDataError: when they are, but do not say what they must.
    """
    if not isinstance(contents, Mapping) or KEY not in contents:
        return None
    told = mapping(contents[KEY], f"the metadata {KEY}")
    net, stems = told.get("net"), texts(told.get("stems"), "stems")
    state = named_tensors(contents.get("state"))
    if not isinstance(net, str):
        raise BadDataError(f"expected net to be a text, got {shown(net)}")
    return Published(
        net=net,
        arguments=_arguments(told.get("arguments"), most_layers=len(state)),
        state=state,
        stem_count=len(stems),
        stems=stems,
        sample_rate=whole_number(told, "sample_rate"),
        channels=whole_number(told, "channels"),
    )


def _arguments(told: object, most_layers: int) -> dict[str, Argument]:
    arguments: dict[str, Argument] = {}
    for name, value in mapping(told, "arguments").items():
        if not isinstance(value, str | int | float | bool):
            raise BadDataError(f"expected a text or number for {name}, got {shown(value)}")
        most = most_layers if name in _LAYERS else LARGEST
        if not isinstance(value, str) and not abs(value) <= most:
            raise BadDataError(f"expected {name} to be {most} at most, got {shown(value)}")
        arguments[name] = value
    return arguments
