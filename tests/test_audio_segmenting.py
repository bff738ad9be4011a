import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hclarity.audio.segmenting import Segmenter


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 6), st.data())
def test_every_segment_is_whole_with_what_lies_beside_it(
    blocks: list[int], frames: int, data: st.DataObject
) -> None:
    padding = data.draw(st.integers(0, frames))
    song = np.arange(2 * sum(blocks)).reshape(2, -1)
    segmenter = Segmenter(frames, padding)
    cuts = np.split(song, np.cumsum(blocks)[:-1], axis=1)
    found = [piece for block in cuts for piece in segmenter.push(block)] + segmenter.flush()
    expected = [
        song[:, max(0, at - padding) : at + frames + padding]
        for at in range(0, max(1, song.shape[1]), frames)
    ]
    assert [piece.tolist() for piece in found] == [piece.tolist() for piece in expected]


def test_nothing_pushed_is_no_segment() -> None:
    assert Segmenter(3, 1).flush() == []
