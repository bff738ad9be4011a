import tracemalloc
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.audio.values import Samples
from hclarity.errors import BadDataError
from hclarity.separation.overlap_add import OverlapAdd

Net = Callable[[Samples], Samples]

Plan = tuple[int, int, int]


def over(net: Net, **sizes: int) -> OverlapAdd:
    """Overlap-add over a net that says at once what it says."""

    def begin(chunk: Samples) -> Future[Samples]:
        done: Future[Samples] = Future()
        done.set_result(net(chunk))
        return done

    return OverlapAdd(begin, **sizes)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Chunk, hop and stride: any that fit."""
    stride = draw(st.sampled_from([1, 1, 2, 3, 7]))
    hop = stride * draw(st.integers(1, 40 // stride))
    return draw(st.integers(hop, 41)), hop, stride


lengths = st.integers(0, 200)
laws = settings(deadline=None, max_examples=200)


def a_song(frames: int, channels: int = 2) -> Samples:
    generator = np.random.default_rng(frames)
    return generator.uniform(-1, 1, (channels, frames)).astype(np.float32)


def identity(chunk: Samples) -> Samples:
    return chunk[:, np.newaxis]


def position_aware(chunk: Samples) -> Samples:
    """Two stems that depend on where a frame lies in the chunk, and on all the others there."""
    place = np.cos(np.arange(chunk.shape[-1], dtype=np.float32))
    return np.stack([chunk * place, chunk - chunk.mean() + place], axis=1)


def walk(net: Net, song: Samples, stems: int, plan: Plan, cuts: list[int]) -> Samples:
    chunk, hop, stride = plan
    sizes = {"chunk": chunk, "hop": hop, "stride": stride}
    overlap_add = over(net, channels=len(song), stems=stems, **sizes)
    blocks = np.split(song, sorted(cuts), axis=-1)
    ready = [overlap_add.push(block) for block in blocks]
    return np.concatenate([*ready, overlap_add.flush()], axis=-1)


@laws
@given(plan=plans(), frames=lengths)
def test_an_identity_net_returns_the_song(plan: Plan, frames: int) -> None:
    song = a_song(frames)
    stems = walk(identity, song, 1, plan, [])
    assert stems.dtype == np.float32
    assert stems.shape == (1, 2, frames)
    np.testing.assert_allclose(stems[0], song, rtol=0, atol=1e-6)


@laws
@given(plan=plans(), frames=lengths)
def test_weights_sum_to_one(plan: Plan, frames: int) -> None:
    ones = walk(lambda chunk: np.ones_like(chunk)[:, None], a_song(frames), 1, plan, [])
    np.testing.assert_allclose(ones, 1, rtol=0, atol=1e-6)


@laws
@given(plan=plans(), frames=lengths, data=st.data())
def test_blocks_never_matter(plan: Plan, frames: int, data: st.DataObject) -> None:
    song = a_song(frames)
    cuts = data.draw(st.lists(st.integers(0, frames), max_size=30))
    whole = walk(position_aware, song, 2, plan, [])
    np.testing.assert_array_equal(walk(position_aware, song, 2, plan, cuts), whole)


@laws
@given(plan=plans(), frames=lengths)
def test_equals_the_slow_obvious_way(plan: Plan, frames: int) -> None:
    song = a_song(frames)
    fast = walk(position_aware, song, 2, plan, [])
    np.testing.assert_allclose(fast, slow_overlap_add(song, *plan), rtol=0, atol=1e-5)


def slow_overlap_add(song: Samples, chunk: int, hop: int, stride: int) -> Samples:
    """The definition: over the whole song, in float64."""
    frames = song.shape[-1]
    triangle = 1 - np.abs(np.arange(chunk) - (chunk - 1) / 2) / ((chunk + 1) / 2)
    total, weights = np.zeros((2, 2, frames)), np.zeros(frames)
    start = 0
    while start < frames:
        moved = -(-max(0, frames - chunk) // stride) * stride
        heard = min(start, moved)  # the last one is moved left
        given = min(chunk, -(-frames // stride) * stride)  # all of a short song
        mixture = np.zeros((2, given), np.float32)
        mixture[:, : frames - heard] = song[:, heard : heard + chunk]
        estimate = position_aware(mixture[np.newaxis])[0]
        end = min(start + chunk, frames)
        weight = triangle[: end - start]
        total[..., start:end] += weight * estimate[..., start - heard : end - heard]
        weights[start:end] += weight
        if start + chunk >= frames:
            break
        start += hop
    return (total / weights).astype(np.float32)


@pytest.mark.parametrize("stride", [1, 5])
@pytest.mark.parametrize("frames", [0, 1, 2, 99, 100, 101, 175, 176, 1000])
def test_every_chunk_is_full_of_the_song(frames: int, stride: int) -> None:
    heard: list[Samples] = []

    def listen(chunk: Samples) -> Samples:
        heard.append(chunk.copy())
        return identity(chunk)

    song = a_song(frames) + 2  # nowhere silent
    walk(listen, song, 1, (100, 75, stride), [])
    if frames >= 100:
        assert all(chunk.shape == (1, 2, 100) for chunk in heard)
        assert all(chunk.all() for chunk in heard[:-1])
        np.testing.assert_array_equal(heard[0][0], song[:, :100])
        silent = -frames % stride if frames > 100 else 0
        np.testing.assert_array_equal(heard[-1][0, :, : 100 - silent], song[:, silent - 100 :])
    elif frames:
        (only,) = heard
        assert only.shape == (1, 2, -(-frames // stride) * stride)
        np.testing.assert_array_equal(only[0, :, :frames], song)
        assert not only[0, :, frames:].any()
    else:
        assert heard == []


@laws
@given(plan=plans(), frames=lengths)
def test_every_chunk_begins_at_a_whole_stride(plan: Plan, frames: int) -> None:
    starts: list[int] = []

    def listen(chunk: Samples) -> Samples:
        starts.append(int(chunk[0, 0, 0]) - 1)
        return identity(chunk)

    walk(listen, np.arange(1, frames + 1, dtype=np.float32)[None], 1, plan, [])
    chunk, _, stride = plan
    assert all(start % stride == 0 for start in starts)
    if frames > chunk:
        assert 0 <= starts[-1] + chunk - frames < stride


def test_neither_end_fades_and_no_seam_clicks() -> None:
    """Each chunk says its own number; the song glides from one to the next in small steps."""
    numbers = iter(range(1, 100))
    said = walk(lambda chunk: np.full_like(chunk, next(numbers))[:, None], a_song(430), 1,
                (100, 75, 1), [])  # fmt: skip
    np.testing.assert_allclose(said[..., :75], 1, rtol=1e-6)
    np.testing.assert_allclose(said[..., -30:], 6, rtol=1e-6)
    steps = np.diff(said[0, 0])
    assert (steps >= -1e-6).all()
    assert steps.max() < 1 / 25 + 1e-3


def test_frames_come_as_soon_as_they_are_ready() -> None:
    overlap_add = over(identity, channels=1, stems=1, chunk=100, hop=75)
    song = a_song(1000, channels=1)
    come = 0
    for frame in range(1000):
        come += overlap_add.push(song[:, frame : frame + 1]).shape[-1]
        assert come > frame + 1 - 100 - 75
    assert come + overlap_add.flush().shape[-1] == 1000


def peak_memory(hops: int) -> int:
    plan = {"chunk": 4096, "hop": 3072}
    overlap_add = over(identity, channels=1, stems=1, **plan)
    block = a_song(3072, channels=1)
    tracemalloc.start()
    for _ in range(hops):
        overlap_add.push(block)
    overlap_add.flush()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_song() -> None:
    peak_memory(4)  # what is only made once
    assert peak_memory(400) < peak_memory(10) + 4096 * 4


@pytest.mark.parametrize(
    ("chunk", "hop", "stride"),
    [(10, 0, 1), (10, 11, 1), (0, 0, 1), (10, -1, 1), (10, 5, 2), (10, 5, 0), (10, 5, 10)],
)
def test_refuses_a_plan_that_does_not_fit(chunk: int, hop: int, stride: int) -> None:
    with pytest.raises(BadDataError, match=f"{chunk} frames cannot move on by {hop} in strides"):
        over(identity, channels=2, stems=1, chunk=chunk, hop=hop, stride=stride)


@pytest.mark.parametrize(("channels", "stems"), [(0, 1), (1, 0)])
def test_refuses_nothing(channels: int, stems: int) -> None:
    with pytest.raises(BadDataError, match=f"got {channels} and {stems}"):
        over(identity, channels=channels, stems=stems, chunk=10, hop=5)


def test_refuses_what_the_net_should_not_return() -> None:
    """One stem where four are wanted would otherwise be given to all of them."""
    overlap_add = over(identity, channels=2, stems=4, chunk=10, hop=5)
    with pytest.raises(BadDataError, match=r"\(4, 2\) from the net, got \(1, 2, 10\)"):
        overlap_add.push(a_song(10))


# --- several chunks at once ----------------------------------------------------------------------


class Late:
    """A net that works on several chunks at once, and finishes the latest of them first."""

    def __init__(self, net: Net, at_once: int) -> None:
        self._net, self._at_once = net, at_once
        self._open: list[tuple[Samples, Future[Samples]]] = []
        self.most_open = self._unread = 0

    def begin(self, chunk: Samples) -> "Late.Estimate":
        future: Future[Samples] = Future()
        self._open.append((chunk, future))
        self._unread += 1
        self.most_open = max(self.most_open, self._unread)
        return Late.Estimate(self, future)

    def finish(self) -> None:
        while self._open:
            chunk, future = self._open.pop()
            future.set_result(self._net(chunk))

    class Estimate:
        def __init__(self, late: "Late", future: Future[Samples]) -> None:
            self._late, self._future = late, future

        def result(self) -> Samples:
            self._late.finish()
            self._late._unread -= 1
            return self._future.result(timeout=0)


@laws
@given(plan=plans(), frames=lengths, at_once=st.integers(1, 4), data=st.data())
def test_chunks_that_are_done_in_another_order(
    plan: Plan, frames: int, at_once: int, data: st.DataObject
) -> None:
    """Change nothing; and there are never more of them than can be worked on, and one."""
    chunk, hop, stride = plan
    song, late = a_song(frames), Late(position_aware, at_once)
    sizes = {"chunk": chunk, "hop": hop, "stride": stride, "at_once": at_once}
    overlap_add = OverlapAdd(late.begin, channels=2, stems=2, **sizes)
    cuts = data.draw(st.lists(st.integers(0, frames), max_size=10))
    ready = [overlap_add.push(block) for block in np.split(song, sorted(cuts), axis=-1)]
    stems = np.concatenate([*ready, overlap_add.flush()], axis=-1)
    np.testing.assert_array_equal(stems, walk(position_aware, song, 2, plan, []))
    assert late.most_open <= (at_once + 1 if at_once > 1 else 1)


def test_all_that_a_net_can_work_on_is_given_to_it() -> None:
    for at_once in (2, 3):
        late = Late(position_aware, at_once)
        sizes = {"chunk": 10, "hop": 5, "at_once": at_once}
        overlap_add = OverlapAdd(late.begin, channels=2, stems=2, **sizes)
        overlap_add.push(a_song(200))
        assert late.most_open == at_once + 1


def test_what_goes_wrong_in_a_worker_is_told_in_order() -> None:
    """Not before what came before it, and never lost."""
    numbers = iter(range(100))

    def net(chunk: Samples) -> Samples:
        if next(numbers) == 7:
            raise MemoryError("of the eighth chunk")
        return identity(chunk)

    with ThreadPoolExecutor(1) as worker:
        sizes = {"chunk": 10, "hop": 10, "at_once": 2}
        overlap_add = OverlapAdd(
            lambda chunk: worker.submit(net, chunk), channels=2, stems=1, **sizes
        )
        ready = overlap_add.push(a_song(80))  # two more than what is waited for
        assert ready.shape[-1] == 60
        assert overlap_add.push(a_song(10)).shape[-1] == 10
        with pytest.raises(MemoryError, match="of the eighth chunk"):
            overlap_add.push(a_song(10))
