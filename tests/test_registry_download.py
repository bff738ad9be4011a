import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Site, serving

from hclarity.errors import CannotCreateError, StorageError, UnavailableError
from hclarity.registry.download import fetch, sha256_of

CONTENT = bytes(range(256)) * 12_000  # three pieces
DIGEST = hashlib.sha256(CONTENT).hexdigest()
REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _here_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("HCLARITY_OFFLINE", raising=False)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site(CONTENT)) as site:
        yield site


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models" / "tiny" / "weights.pt"


def part_of(path: Path) -> Path:
    return path.with_name("weights.pt.part")


def get(url: str, path: Path, digest: str = DIGEST, size: int = len(CONTENT)) -> None:
    fetch(url, path, digest, size)


def test_fetches(site: Site, path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch(site.url, path, DIGEST, len(CONTENT), lambda *now: told.append(now))
    assert path.read_bytes() == CONTENT
    assert not part_of(path).exists()
    assert [come for come, _ in told] == sorted(come for come, _ in told)
    assert len(told) == 3
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_follows_a_redirect_and_keeps_the_range(site: Site, path: Path) -> None:
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(CONTENT[:1000])
    get(site.url.replace("/file", "/moved"), path)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["bytes=1000-"]


def test_continues_what_broke_off(site: Site, path: Path) -> None:
    site.breaks_off_after = 1_500_000
    with pytest.raises(UnavailableError, match="run again to continue"):
        get(site.url, path)
    assert not path.exists()
    assert part_of(path).read_bytes() == CONTENT[:1_500_000]
    site.breaks_off_after = None
    get(site.url, path)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=1500000-"]


def test_begins_again_where_the_server_knows_no_ranges(site: Site, path: Path) -> None:
    site.ranges = False
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(b"x" * 1000)
    get(site.url, path)
    assert path.read_bytes() == CONTENT


def test_a_complete_part_needs_no_network(path: Path) -> None:
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(CONTENT)
    get("http://127.0.0.1:9/file", path)
    assert path.read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(site: Site, path: Path) -> None:
    get(site.url, path)
    get(site.url, path)
    assert len(site.asked) == 1


@pytest.mark.parametrize("said", [True, False])
def test_wrong_bytes_are_removed(site: Site, path: Path, said: bool) -> None:
    site.content = CONTENT[:-1] + b"x"
    site.says_length = said
    with pytest.raises(UnavailableError, match="SHA-256 differs"):
        get(site.url, path)
    assert not path.exists()
    assert not part_of(path).exists()


def test_a_wrong_part_heals(site: Site, path: Path) -> None:
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(b"x" * 1000)
    with pytest.raises(UnavailableError, match="SHA-256 differs"):
        get(site.url, path)
    get(site.url, path)
    assert path.read_bytes() == CONTENT


def test_another_length_is_seen_before_anything_is_lost(site: Site, path: Path) -> None:
    """A hotel's log-in page must not cost what has come already."""
    site.content = b"<html>Welcome</html>"
    site.ranges = False
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(CONTENT[:1000])
    with pytest.raises(UnavailableError, match=f"has 20 bytes instead of {len(CONTENT)}"):
        get(site.url, path)
    assert part_of(path).read_bytes() == CONTENT[:1000]


def test_an_endless_answer_is_cut(site: Site, path: Path) -> None:
    site.content = CONTENT * 5
    site.says_length = False
    told: list[int] = []
    with pytest.raises(UnavailableError, match="SHA-256 differs"):
        fetch(site.url, path, DIGEST, len(CONTENT), lambda come, _: told.append(come))
    assert told[-1] < 2 * len(CONTENT)
    assert not path.exists()
    assert not part_of(path).exists()


def test_a_servers_file_shorter_than_the_part(site: Site, path: Path) -> None:
    site.content = CONTENT[:500]
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(CONTENT[:1000])
    with pytest.raises(UnavailableError, match="416"):
        get(site.url, path)
    site.content = CONTENT
    get(site.url, path)
    assert path.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_heals(site: Site, path: Path) -> None:
    path.parent.mkdir(parents=True)
    part_of(path).write_bytes(CONTENT + b"x")
    with pytest.raises(UnavailableError, match="SHA-256 differs"):
        get(site.url, path)
    get(site.url, path)
    assert path.read_bytes() == CONTENT


def test_not_found(site: Site, path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"cannot fetch http://127.*: 404"):
        get(site.url + "s", path)


def test_nobody_there(path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(UnavailableError, match="cannot fetch"):
        get(f"http://127.0.0.1:{port}/file", path)


def test_no_such_host(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with pytest.raises(UnavailableError, match="Name or service not known"):
        get("http://weights.invalid/file", path)


@pytest.mark.parametrize("words", ["1", "yes"])
def test_offline_asks_nobody(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setenv("HCLARITY_OFFLINE", words)
    with pytest.raises(UnavailableError, match="HCLARITY_OFFLINE is set"):
        get(site.url, path)
    assert site.asked == []


def test_offline_0_is_online(site: Site, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_OFFLINE", "0")
    get(site.url, path)
    assert path.is_file()


def test_no_place_for_it(site: Site, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    with pytest.raises(CannotCreateError, match=r"cannot create .*weights\.pt"):
        get(site.url, tmp_path / "models" / "weights.pt")


def test_too_small_a_disk(site: Site, path: Path) -> None:
    with pytest.raises(StorageError, match="bytes free"):
        get(site.url, path, size=1 << 60)
    assert site.asked == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_disk_that_fills_up(site: Site, path: Path) -> None:
    path.parent.mkdir(parents=True)
    part_of(path).symlink_to("/dev/full")
    with pytest.raises(StorageError, match=r"cannot write .*\.part: No space left"):
        get(site.url, path)


def test_two_processes_fetch_once(site: Site, path: Path) -> None:
    words = (
        "import sys; from pathlib import Path; from hclarity.registry.download import fetch;"
        "fetch(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))"
    )
    arguments = [site.url, str(path), DIGEST, str(len(CONTENT))]
    site.holds_first_answer = True
    running = [
        subprocess.Popen([sys.executable, "-c", words, *arguments], cwd=REPOSITORY)
        for _ in range(3)
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert path.read_bytes() == CONTENT
    assert site.asked == [""]


def test_the_digest_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256_of(tmp_path / "abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")
