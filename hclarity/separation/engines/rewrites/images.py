"""Sounds as images of a single row.

Of ``[items, channels, frames]`` OpenVINO computes convolutions with the channels of a frame beside
each other in memory, but norms, and cuts between channels, with them apart only. Of ``[items,
channels, 1, frames]`` it computes all of it either way.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from hclarity.separation.engines.openvino_door import openvino
from hclarity.separation.engines.rewrites.graph import constant, integers, replace, shape_of, value

__all__ = ["compute_as_images"]

_ROW = 2  # the axis that images have more


def compute_as_images(model: Any) -> None:
    """Let what is computed of sounds be computed of images of one row, where that is known."""
    images = _Images()
    for node in model.get_ordered_ops():
        make = _WORDS.get(node.get_type_name())
        if make is not None and len(shape_of(node.output(0))) == 3:
            made = make(node, images)
            if made is not None:
                images.keep(node, made)
    images.put_in_place()


class _Images:
    """Which image stands for which sound."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, int], Any] = {}
        self._made: list[tuple[Any, Any]] = []

    def of(self, sound: Any) -> Any:
        """The image of a sound: made before, or one that the sound was made of, or a new one."""
        openvino()
        from openvino import opset13 as operations

        if _name(sound) not in self._of:
            numbers = value(sound)
            if numbers is not None:
                flat = numbers.reshape([1] * (3 - numbers.ndim) + list(numbers.shape))
                image = constant(np.expand_dims(flat, _ROW)).output(0)
            elif _only_moves_the_row(sound.get_node(), "Squeeze"):
                image = sound.get_node().input_value(0)
            else:
                image = operations.unsqueeze(sound, integers(_ROW)).output(0)
            self._of[_name(sound)] = image
        return self._of[_name(sound)]

    def keep(self, node: Any, made: Any) -> None:
        """What was made instead of a node."""
        self._made.append((node, made))
        for number, sound in enumerate(node.outputs()):
            self._of[_name(sound)] = made.output(number)

    def put_in_place(self) -> None:
        """Let all who heard a sound that is computed as an image hear that."""
        openvino()
        from openvino import opset13 as operations

        replaced = {node.get_friendly_name() for node, _ in self._made}
        for node, made in self._made:
            for number, sound in enumerate(node.outputs()):
                squeezed = operations.squeeze(made.output(number), integers(_ROW)).output(0)
                for heard in list(sound.get_target_inputs()):
                    by = heard.get_node()
                    if _only_moves_the_row(by, "Unsqueeze"):
                        replace(by.output(0), made.output(number))
                    elif by.get_friendly_name() not in replaced:
                        heard.replace_source_output(squeezed)


def _name(output: Any) -> tuple[str, int]:
    return output.get_node().get_friendly_name(), output.get_index()


def _only_moves_the_row(node: Any, kind: str) -> bool:
    if node.get_type_name() != kind:
        return False
    axes = value(node.input_value(1))
    return axes is not None and axes.ravel().tolist() == [_ROW]


def _convolution(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    weight = value(node.input_value(1))
    if weight is None:
        return None
    word = getattr(operations, _SNAKE[node.get_type_name()])
    return word(
        images.of(node.input_value(0)),
        constant(np.expand_dims(weight, -2)),
        [1, *node.get_strides()],
        [0, *node.get_pads_begin()],
        [0, *node.get_pads_end()],
        [1, *node.get_dilations()],
    )


def _norm(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    axes = value(node.input_value(1))
    if axes is None or sorted(axes.tolist()) != [1, 2]:
        return None
    told = node.get_attributes()
    image = images.of(node.input_value(0))
    epsilon, place = float(told["eps"]), str(told["eps_mode"]).lower()
    return operations.mvn(image, integers(1, 2, 3), told["normalize_variance"], epsilon, place)


def _split(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    axis = value(node.input_value(1))
    if axis is None or int(axis) not in (1, -2):
        return None
    return operations.split(images.of(node.input_value(0)), 1, len(node.outputs()))


def _slice(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    begin, end, step, axes = (value(node.input_value(number)) for number in range(1, 5))
    if axes is None or axes.tolist() not in ([2], [-1]):
        return None
    if begin is None or end is None or step is None:
        return None
    image = images.of(node.input_value(0))
    return operations.slice(image, constant(begin), constant(end), constant(step), integers(3))


def _prelu(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    slopes = value(node.input_value(1))  # one, or one of each channel
    if slopes is None or slopes.ndim != 1:
        return None
    return operations.prelu(images.of(node.input_value(0)), constant(slopes))


def _of_one(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    return getattr(operations, _SNAKE[node.get_type_name()])(images.of(node.input_value(0)))


def _of_two(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    heard = [node.input_value(number) for number in range(2)]
    if any(len(shape_of(each)) != 3 and value(each) is None for each in heard):
        return None
    return getattr(operations, _SNAKE[node.get_type_name()])(*map(images.of, heard))


def _gelu(node: Any, images: _Images) -> Any:
    openvino()
    from openvino import opset13 as operations

    mode = str(node.get_attributes()["approximation_mode"]).lower()
    return operations.gelu(images.of(node.input_value(0)), mode)


_SNAKE = {
    "Convolution": "convolution",
    "GroupConvolution": "group_convolution",
    "Sigmoid": "sigmoid",
    "Relu": "relu",
    "Multiply": "multiply",
    "Add": "add",
    "Subtract": "subtract",
    "Divide": "divide",
}
_WORDS: dict[str, Callable[[Any, _Images], Any]] = {
    "Convolution": _convolution,
    "GroupConvolution": _convolution,
    "MVN": _norm,
    "Split": _split,
    "Slice": _slice,
    "Gelu": _gelu,
    "PRelu": _prelu,
    "Sigmoid": _of_one,
    "Relu": _of_one,
    "Multiply": _of_two,
    "Add": _of_two,
    "Subtract": _of_two,
    "Divide": _of_two,
}
