import pytest
import torch

from hclarity.errors import BadDataError
from hclarity.registry.upstream.evidence import (
    checked_state,
    numbers,
    size,
    state_with,
    texts,
    whole_number,
)

W = torch.ones(2, 3)


@pytest.mark.parametrize("prefix", ["", "model.", "net.inner."])
@pytest.mark.parametrize("wrapper", [None, "state", "state_dict"])
def test_a_state_is_found_wherever_it_is(prefix: str, wrapper: str | None) -> None:
    state = {f"{prefix}a.w": W, f"{prefix}b": W}
    contents = {"epoch": 3, wrapper: state} if wrapper else state
    found = state_with(contents, "a.w")
    assert found is not None
    assert list(found) == ["a.w", "b"]


def test_what_has_another_prefix_is_left_out() -> None:
    found = state_with({"model.a.w": W, "loss.w": W, "models": 5, 3: 4}, "a.w")
    assert found is not None
    assert list(found) == ["a.w"]


@pytest.mark.parametrize(
    "contents", [None, [], "a.w", {}, {"state": 5}, {"ba.w": W}, {"a.w.more": W}, {3: W}]
)
def test_where_there_is_none(contents: object) -> None:
    assert state_with(contents, "a.w") is None


@pytest.mark.parametrize("contents", [{"a.w": W, "b": 5}, {"a.w": W, 5: W}, {"a.w": 5}])
def test_other_things_among_the_tensors(contents: object) -> None:
    with pytest.raises(BadDataError, match=r"expected named tensors, got (b|5|a\.w) with a"):
        state_with(contents, "a.w")


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (torch.zeros(3), "expected named tensors, got a Tensor"),
        ([torch.zeros(3)], "expected named tensors, got a list"),
        ({"state": {"w": torch.zeros(3)}}, "got state with a dict"),
        ({"w": 0.5}, "got w with a float"),
        ({3: torch.zeros(3)}, "got 3 with a Tensor"),
        ({"w": torch.tensor([1.0, float("nan")])}, "w holds NaN or infinite numbers"),
        ({"w": torch.tensor([float("-inf")]).half()}, "w holds NaN or infinite numbers"),
        ({"w": torch.tensor([1e300], dtype=torch.float64)}, "w holds NaN or infinite numbers"),
        ({"\x1b": torch.tensor([float("nan")])}, "\\x1b holds NaN"),
    ],
)
def test_what_is_no_state(contents: object, told: str) -> None:
    with pytest.raises(BadDataError) as refused:
        checked_state(contents)
    assert told in str(refused.value)


def test_numbers_are_counted_once():
    assert numbers(["a.0.x", "a.0.y", "a.12.x", "b.3.x", "a.x.4.y"], "a.") == 2


def test_only_whole_numbers_count():
    assert whole_number({}, "n") is None
    assert whole_number({"n": 3}, "n") == 3
    for wrong in (0, -1, 2.0, True, "3", 10**7, 10**5000):
        with pytest.raises(BadDataError, match="expected n to be a whole number up to 1000000"):
            whole_number({"n": wrong}, "n")


def test_only_axes_that_are_there_have_a_size():
    assert size({"w": W}, "w", 1) == 3
    for state in ({}, {"w": torch.ones(2)}, {"w": torch.ones(0, 2)}):
        with pytest.raises(BadDataError, match="expected a tensor w with at least 2 axes"):
            size(state, "w", 1)


def test_only_texts_name_stems():
    assert texts(["a", "b"], "targets") == texts(("a", "b"), "targets") == ("a", "b")
    for wrong in (None, "a", ["a", 3], {"a": 1}):
        with pytest.raises(BadDataError, match="expected targets to be a list of stems, got"):
            texts(wrong, "targets")
