"""Each rewrite: what a small model says is the same, and what costs is no longer there."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from engine_nets import snr

from hclarity.separation.engines.openvino_door import openvino, openvino_core
from hclarity.separation.engines.rewrites.cuts import cut_before_transposing
from hclarity.separation.engines.rewrites.gates import part_gated_convolutions
from hclarity.separation.engines.rewrites.graph import fold_constants
from hclarity.separation.engines.rewrites.images import compute_as_images
from hclarity.separation.engines.rewrites.norms import norm_whole_items
from hclarity.separation.engines.rewrites.rows import name_rows_in_place

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not here")

RNG = np.random.default_rng(0)


def words() -> Any:
    openvino()
    from openvino import opset13

    return opset13


def numbers(*shape: int) -> Any:
    return words().constant(RNG.standard_normal(shape).astype(np.float32))


def convolution(heard: Any, said: int, kernel: int = 3, dilation: int = 1) -> Any:
    """One that keeps the length, with a bias."""
    _, channels, *axes = heard.get_output_shape(0)
    rank, around = len(axes), dilation * (kernel // 2)
    weight = numbers(said, channels, *[kernel] * rank)
    ones = [1] * rank
    made = words().convolution(
        heard, weight, ones, [around] * rank, [around] * rank, [dilation] * rank
    )
    return words().add(made, numbers(1, said, *ones))


def gated(heard: Any) -> Any:
    """A gated linear unit."""
    parts = words().split(heard, 1, 2)
    return words().multiply(parts.output(0), words().sigmoid(parts.output(1)))


def normed(heard: Any, groups: int = 1) -> Any:
    channels = heard.get_output_shape(0)[1]
    return words().group_normalization(heard, numbers(channels), numbers(channels), groups, 1e-5)


def model(shape: Sequence[int], make: Callable[[Any], Any]) -> Any:
    heard = words().parameter(list(shape), np.float32)
    return openvino().Model([make(heard)], [heard], "small")


def said(of: Any) -> np.ndarray:
    compiled = openvino_core().compile_model(of, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    heard = np.random.default_rng(1).standard_normal(of.inputs[0].get_shape()).astype(np.float32)
    return np.array(compiled([heard]).to_tuple()[0])


def kinds(of: Any) -> list[str]:
    return [node.get_type_name() for node in of.get_ordered_ops()]


def assert_says_the_same(of: Any, *rewrites: Callable[[Any], None]) -> None:
    before = said(of)
    for rewrite in rewrites:
        rewrite(of)
        of.validate_nodes_and_infer_types()
    assert snr(said(of), before) > 110


@pytest.mark.parametrize("shape", [(1, 3, 50), (2, 3, 8, 9)])
def test_a_gated_convolution_is_two(shape: tuple[int, ...]) -> None:
    of = model(shape, lambda heard: gated(convolution(heard, 8)))
    assert_says_the_same(of, part_gated_convolutions)
    assert kinds(of).count("Convolution") == 2
    assert "Split" not in kinds(of)


def test_a_convolution_that_others_hear_too_stays_whole() -> None:
    def make(heard: Any) -> Any:
        whole = convolution(heard, 8)
        return words().concat([gated(whole), whole], 1)

    of = model((1, 3, 50), make)
    assert_says_the_same(of, part_gated_convolutions)
    assert kinds(of).count("Convolution") == 1


def test_frames_are_not_channels() -> None:
    def make(heard: Any) -> Any:
        parts = words().split(convolution(heard, 8), 2, 2)
        return words().multiply(parts.output(0), parts.output(1))

    of = model((1, 3, 50), make)
    assert_says_the_same(of, part_gated_convolutions)
    assert kinds(of).count("Convolution") == 1


@pytest.mark.parametrize("shape", [(3, 8, 50), (2, 8, 5, 9)])
def test_a_norm_of_one_group_needs_no_row(shape: tuple[int, ...]) -> None:
    of = model(shape, normed)
    assert_says_the_same(of, norm_whole_items)
    assert "GroupNormalization" not in kinds(of)
    assert "Reshape" not in kinds(of)


def test_a_norm_of_groups_stays() -> None:
    of = model((3, 8, 50), lambda heard: normed(heard, 4))
    assert_says_the_same(of, norm_whole_items)
    assert "GroupNormalization" in kinds(of)


def by_rows(heard: Any) -> Any:
    """Convolve each row of an image on its own, as the spectral half of a Hybrid Demucs does."""
    one, channels, rows, frames = heard.get_output_shape(0)
    order = np.array([0, 2, 1, 3])
    items = words().reshape(words().transpose(heard, order), [rows, channels, frames], False)
    hidden = words().gelu(normed(convolution(items, 2)), "erf")
    residual = gated(normed(convolution(hidden, 2 * channels, kernel=1)))
    summed = words().add(items, words().multiply(residual, numbers(channels, 1)))
    back = words().reshape(summed, [one, rows, channels, frames], False)
    return convolution(words().transpose(back, order), 3)


def test_rows_are_items_where_they_are() -> None:
    of = model((1, 6, 4, 40), by_rows)
    rewrites = (fold_constants, norm_whole_items, name_rows_in_place, compute_as_images)
    assert_says_the_same(of, *rewrites)
    orders = [
        node.input_value(1).get_node().data.tolist()
        for node in of.get_ordered_ops()
        if node.get_type_name() == "Transpose"
    ]
    assert orders == [[0, 2, 3, 1], [0, 3, 1, 2]] * 2
    assert not {"Squeeze", "Unsqueeze"} & set(kinds(of))


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 3, 1, 4), (1, 1, 4, 4), (1, 4, 4, 4)])
def test_rows_of_any_number(shape: tuple[int, ...]) -> None:
    of = model(shape, by_rows)
    assert_says_the_same(of, norm_whole_items, name_rows_in_place, compute_as_images)


def test_sounds_are_images_from_end_to_end() -> None:
    def make(heard: Any) -> Any:
        first = words().gelu(normed(convolution(heard, 6, dilation=2)), "erf")
        second = gated(normed(convolution(first, 12, kernel=1)))
        cut = words().slice(words().add(first, second), [2], [-3], [1], [2])
        return words().subtract(convolution(cut, 2), words().constant(np.float32(0.5)))

    of = model((2, 3, 50), make)
    assert_says_the_same(of, norm_whole_items, compute_as_images)
    assert kinds(of).count("Unsqueeze") == kinds(of).count("Squeeze") == 1


@pytest.mark.parametrize("slopes", [1, 6])
def test_a_block_of_a_conv_tasnet_is_an_image_from_end_to_end(slopes: int) -> None:
    def make(heard: Any) -> Any:
        wide = words().prelu(convolution(heard, 6, kernel=1), numbers(slopes))
        by_channel = words().group_convolution(
            normed(wide), numbers(6, 1, 1, 3), [1], [2], [2], [2]
        )
        return words().add(heard, convolution(normed(words().relu(by_channel)), 3, kernel=1))

    of = model((1, 3, 50), make)
    assert_says_the_same(of, norm_whole_items, compute_as_images)
    assert kinds(of).count("Unsqueeze") == kinds(of).count("Squeeze") == 1


def test_what_is_not_known_as_an_image_is_left() -> None:
    def make(heard: Any) -> Any:
        swapped = words().transpose(convolution(heard, 6), np.array([0, 2, 1]))
        return words().softmax(words().multiply(swapped, numbers(6)), 2)

    assert_says_the_same(model((2, 3, 50), make), compute_as_images)


def test_a_cut_comes_before_a_transposition() -> None:
    def make(heard: Any) -> Any:
        named = words().transpose(convolution(heard, 6), np.array([0, 2, 3, 1]))
        back = words().transpose(words().relu(named), np.array([0, 3, 1, 2]))
        return words().slice(back, [2], [-2], [1], [2])

    of = model((1, 3, 20, 10), make)
    assert_says_the_same(of, cut_before_transposing)
    assert kinds(of).index("Slice") < len(kinds(of)) - 1 - kinds(of)[::-1].index("Transpose")


def test_what_depends_on_no_input_is_computed_once() -> None:
    def make(heard: Any) -> Any:
        one = words().convert_like(words().constant(np.int64(1)), heard)
        size = words().gather(words().shape_of(heard), np.array(1), np.array(0))
        length = words().convert(size, "f32")
        return words().add(words().multiply(heard, one), length)

    of = model((1, 3, 5), make)
    assert_says_the_same(of, fold_constants)
    assert not {"ConvertLike", "ShapeOf", "Gather"} & set(kinds(of))
