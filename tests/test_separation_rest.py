import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.separation.rest import Rest


@settings(deadline=None, max_examples=100)
@given(
    frames=st.integers(0, 200),
    cuts=st.lists(st.integers(0, 200), max_size=10),
    late=st.integers(0, 50),
)
def test_stems_and_rest_are_the_song_however_late_the_stems_come(
    frames: int, cuts: list[int], late: int
) -> None:
    generator = np.random.default_rng(frames)
    song = generator.standard_normal((2, frames)).astype(np.float32)
    stems = generator.standard_normal((3, 2, frames)).astype(np.float32)
    rest, come, given = Rest(2), [], 0
    for block in np.split(song, sorted(cuts), axis=-1):
        rest.push(block)
        given += block.shape[-1]
        before = sum(part.shape[-1] for part in come)
        come.append(rest.beside(stems[..., before : max(before, min(given, frames) - late)]))
    come.append(rest.beside(stems[..., sum(part.shape[-1] for part in come) :]))
    both = np.concatenate(come, axis=-1)
    np.testing.assert_array_equal(both[:3], stems)
    np.testing.assert_allclose(both.sum(axis=0), song, rtol=0, atol=1e-5)
