import numpy as np
from audio_blocks import block_sizes, cut
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.reblocking import Reblocker


@settings(deadline=None, max_examples=50)
@given(block_sizes, st.integers(0, 20000), st.integers(1, 5000))
def test_every_frame_once_in_order_and_steps_of_one_size(sizes, frames, step):
    ramp = np.arange(2 * frames, dtype=np.float32).reshape(2, frames)
    reblocker = Reblocker(2, step)
    steps = [out for block in cut(ramp, sizes) for out in reblocker.push(block)]
    rest = reblocker.rest()
    assert {out.shape for out in steps} <= {(2, step)}
    assert rest.shape == (2, frames % step)
    assert np.array_equal(np.concatenate([*steps, rest], axis=1), ramp)
    assert reblocker.rest().shape == (2, 0)


def test_what_is_held_can_be_looked_at():
    reblocker = Reblocker(1, 5)
    reblocker.push(np.arange(7, dtype=np.float32)[None])
    assert reblocker.held().tolist() == reblocker.held().tolist() == [[5, 6]]
    assert reblocker.rest().tolist() == [[5, 6]]
    assert reblocker.held().shape == (1, 0)


def test_what_is_held_is_not_the_callers_array():
    block = np.ones((1, 3), np.float32)
    reblocker = Reblocker(1, 5)
    reblocker.push(block)
    block[:] = 9
    assert reblocker.rest().tolist() == [[1, 1, 1]]
