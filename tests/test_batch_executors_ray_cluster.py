import os
import sys

import pytest
from executor_tasks import begin_in_vain, outcome

from hclarity.batch.executors.ray_cluster import RayExecutor
from hclarity.errors import UnavailableError


def test_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hclarity.batch.executors.ray_cluster.find_spec", lambda name: None)
    with pytest.raises(UnavailableError, match=r"pip install 'hclarity\[ray\]'"):
        RayExecutor(1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_that_is_not_there() -> None:
    pytest.importorskip("ray")
    with pytest.raises(UnavailableError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        outcome(RayExecutor(1, address="127.0.0.1:1"), ["a"])


@pytest.fixture(scope="module")
def _cluster():
    """One on this machine, for all tests: it takes seconds to come up."""
    ray = pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # its workers find these tests
        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    yield
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.usefixtures("_cluster")
@pytest.mark.filterwarnings("ignore")
class TestOnACluster:
    def test_all_is_done_once_by_as_many_workers_as_wanted(self) -> None:
        came, lost, workers = outcome(RayExecutor(2), ["a", "b", "c", "d"])
        assert came == {number: [f"{word} 1", f"{word} 2"] for number, word in enumerate("abcd")}
        assert lost == {}
        assert len(workers) == 2

    def test_a_worker_that_dies_takes_nothing_with_it(self) -> None:
        came, lost, _ = outcome(RayExecutor(2), ["a", "die", "b", "c"])
        assert sorted(came) == [0, 2, 3]
        assert "its worker died" in lost[1]

    def test_workers_that_the_cluster_has_no_room_for(self) -> None:
        came, lost, workers = outcome(RayExecutor(4), ["a", "b", "c", "d", "e"])
        assert (len(came), lost) == (5, {})
        assert len(workers) >= 2

    def test_what_hangs_is_ended(self) -> None:
        came, lost, _ = outcome(RayExecutor(2, timeout=1.0), ["hang", "a", "b"])
        assert (sorted(came), sorted(lost)) == ([1, 2], [0])

    def test_errors_are_raised(self) -> None:
        with pytest.raises(UnavailableError, match="no weights here"):
            outcome(RayExecutor(1), ["a"], begin_in_vain)
        with pytest.raises(RuntimeError, match="ZeroDivisionError: a bug"):
            outcome(RayExecutor(1), ["break"])
