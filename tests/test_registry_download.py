import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from loopback import Site, serving

from hclarity.errors import (
    CannotCreateError,
    MissingInputError,
    StorageError,
    UnavailableError,
)
from hclarity.registry.download import WrongDigestError, fetch, sha256_of

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


def write_part(path: Path, content: bytes, version: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part_of(path).write_bytes(content)
    if version:
        path.with_name("weights.pt.part.version").write_text(version)


def get(url: str, path: Path, digest: str | None = DIGEST, size: int | None = len(CONTENT)) -> None:
    fetch(url, path, digest, size)


def left_by(path: Path) -> set[str]:
    """What a download leaves beside the file."""
    return {other.name for other in path.parent.iterdir()} - {"weights.pt.lock"}


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_fetches(site: Site, path: Path, size: int | None) -> None:
    told: list[tuple[int, int | None]] = []
    fetch(site.url, path, DIGEST, size, lambda *now: told.append(now))
    assert path.read_bytes() == CONTENT
    assert left_by(path) == {"weights.pt"}
    assert told[0] == (0, len(CONTENT))
    assert [come for come, _ in told] == sorted(come for come, _ in told)
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_follows_a_redirect_and_keeps_the_range(site: Site, path: Path) -> None:
    write_part(path, CONTENT[:1000])
    get(site.at("/moved"), path)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["bytes=1000-"]


def test_continues_what_broke_off(site: Site, path: Path) -> None:
    site.breaks_off_after = 1_500_000
    with pytest.raises(UnavailableError, match="broke off after 1500000 of 3072000 bytes"):
        get(site.url, path)
    assert not path.exists()
    assert part_of(path).read_bytes() == CONTENT[:1_500_000]
    site.breaks_off_after = None
    get(site.url, path)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=1500000-"]


def test_begins_again_where_the_server_knows_no_ranges(site: Site, path: Path) -> None:
    site.ranges = False
    write_part(path, b"x" * 1000)
    get(site.url, path)
    assert path.read_bytes() == CONTENT


def test_a_complete_part_needs_no_network(path: Path) -> None:
    write_part(path, CONTENT)
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
    with pytest.raises(WrongDigestError, match="SHA-256 differs"):
        get(site.url, path)
    assert not path.exists()
    assert not part_of(path).exists()


@pytest.mark.parametrize("part", [b"x" * 1000, CONTENT + b"x", b"x" * len(CONTENT)])
def test_a_wrong_part_heals(site: Site, path: Path, part: bytes) -> None:
    """As another version of the file may have left it."""
    write_part(path, part)
    get(site.url, path)
    assert path.read_bytes() == CONTENT


def test_another_versions_part_is_not_continued(site: Site, path: Path) -> None:
    site.version = '"new"'
    write_part(path, b"x" * 1000, version='"old"')
    get(site.url, path, None, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["bytes=1000-"]


def test_the_same_versions_part_is_continued_without_a_digest(site: Site, path: Path) -> None:
    site.version = '"one"'
    site.breaks_off_after = 1_500_000
    with pytest.raises(UnavailableError, match="broke off after 1500000 of 3072000 bytes"):
        get(site.url, path, None, None)
    site.breaks_off_after = None
    get(site.url, path, None, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=1500000-"]


def test_a_part_that_nothing_vouches_for_is_dropped(site: Site, path: Path) -> None:
    write_part(path, b"x" * 1000)
    get(site.url, path, None, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == [""]


def test_a_weak_tag_does_not_vouch(site: Site, path: Path) -> None:
    site.version, site.breaks_off_after = 'W/"like"', 1000
    with pytest.raises(UnavailableError, match="broke off"):
        get(site.url, path, None, None)
    site.breaks_off_after = None
    get(site.url, path, None, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["", ""]


@pytest.mark.parametrize("digest", [DIGEST, None])
@pytest.mark.parametrize("version", ['"two"', ""])
def test_versions_are_not_spliced(site: Site, path: Path, version: str, digest: str | None) -> None:
    """The server sends ranges of what it has now, whichever version was asked for."""
    site.heeds_version, site.version = False, '"one"'
    site.content, site.breaks_off_after = b"x" * len(CONTENT), 1_500_000
    with pytest.raises(UnavailableError, match="broke off"):
        get(site.url, path, digest, None)
    site.content, site.breaks_off_after, site.version = CONTENT, None, version
    get(site.url, path, digest, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=1500000-", ""]
    assert left_by(path) == {"weights.pt"}


def test_a_range_without_a_version_is_judged_by_the_digest(site: Site, path: Path) -> None:
    """As it is sent where the version was told by its date."""
    site.heeds_version = False
    write_part(path, CONTENT[:1000], version="Sat, 01 Jan 2022 00:00:00 GMT")
    get(site.url, path, DIGEST, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["bytes=1000-"]


def test_an_unknown_digest(site: Site, path: Path) -> None:
    get(site.url, path, None, None)
    assert path.read_bytes() == CONTENT
    assert left_by(path) == {"weights.pt"}


@pytest.mark.parametrize("digest", [DIGEST, None])
def test_an_endless_answer_is_cut(site: Site, path: Path, digest: str | None) -> None:
    site.content = CONTENT * 5
    site.says_length = False
    told: list[int] = []
    with pytest.raises(UnavailableError, match="has more than 3072000 bytes"):
        fetch(site.url, path, digest, len(CONTENT), lambda come, _: told.append(come))
    assert told[-1] < 2 * len(CONTENT)
    assert left_by(path) == set()


def test_no_length_at_all(site: Site, path: Path) -> None:
    site.says_length = False
    with pytest.raises(UnavailableError, match="does not say how long it is"):
        get(site.url, path, None, None)
    get(site.url, path, DIGEST, None)
    assert path.read_bytes() == CONTENT


def test_no_length_and_broken_off(site: Site, path: Path) -> None:
    site.says_length, site.breaks_off_after = False, 1000
    with pytest.raises(UnavailableError, match="broke off after 1000 of 3072000 bytes"):
        get(site.url, path)
    site.ranges = False
    with pytest.raises(UnavailableError, match="SHA-256 differs"):
        get(site.url, path, size=None)


def test_chunks_tell_their_end(site: Site, path: Path) -> None:
    site.chunked, site.breaks_off_after = True, 1_000_000
    with pytest.raises(UnavailableError, match="broke off"):
        get(site.url, path, None, None)
    site.breaks_off_after = None
    get(site.url, path, None, None)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("digest", [DIGEST, None])
def test_a_part_as_long_as_the_servers_file(site: Site, path: Path, digest: str | None) -> None:
    """The range is refused (416), and all of it comes once more."""
    site.version = '"one"'
    write_part(path, b"x" * len(CONTENT), version=site.version)
    get(site.url, path, digest, None)
    assert path.read_bytes() == CONTENT
    assert site.asked == [f"bytes={len(CONTENT)}-", ""]


def test_a_servers_file_shorter_than_the_part(site: Site, path: Path) -> None:
    site.content = CONTENT[:500]
    write_part(path, CONTENT[:1000])
    with pytest.raises(UnavailableError, match="500 bytes instead of 3072000"):
        get(site.url, path)
    site.content = CONTENT
    get(site.url, path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x"])
def test_a_wrong_length(site: Site, path: Path, content: bytes) -> None:
    site.content = content
    with pytest.raises(UnavailableError, match=f"{len(content)} bytes instead of 3072000"):
        get(site.url, path)
    assert left_by(path) == set()


def test_another_length_is_seen_before_anything_is_lost(site: Site, path: Path) -> None:
    """A hotel's log-in page must not cost what has come already."""
    site.content = b"<html>Welcome</html>"
    site.ranges = False
    write_part(path, CONTENT[:1000])
    with pytest.raises(UnavailableError, match=f"has 20 bytes instead of {len(CONTENT)}"):
        get(site.url, path)
    assert part_of(path).read_bytes() == CONTENT[:1000]


def test_a_range_that_begins_elsewhere(site: Site, path: Path) -> None:
    site.begins_wrong = True
    write_part(path, CONTENT[:1000])
    with pytest.raises(UnavailableError, match="asked for the bytes from 1000 on, got 'bytes 1001"):
        get(site.url, path)
    assert part_of(path).read_bytes() == CONTENT[:1000]


def test_a_server_that_falls_silent(site: Site, path: Path) -> None:
    site.stalls_after = 1000
    with pytest.raises(UnavailableError, match=r"fetching http://127.* broke off: timed out"):
        fetch(site.url, path, DIGEST, len(CONTENT), timeout=0.2)
    assert part_of(path).read_bytes() == CONTENT[:1000]


def test_a_server_that_never_answers(path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file"
        with pytest.raises(UnavailableError, match=r"cannot fetch http://127.*: timed out"):
            fetch(url, path, DIGEST, len(CONTENT), timeout=0.2)


def test_ctrl_c_keeps_what_has_come(site: Site, path: Path) -> None:
    def interrupt(come: int, _: int | None) -> None:
        if come > 1_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(site.url, path, DIGEST, len(CONTENT), interrupt)
    come = part_of(path).stat().st_size
    assert 1_000_000 < come < len(CONTENT)
    get(site.url, path)
    assert path.read_bytes() == CONTENT
    assert site.asked == ["", f"bytes={come}-"]


def test_redirects_without_end(site: Site, path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"cannot fetch .*/circle: 302 .*loop") as refused:
        get(site.at("/circle"), path)
    assert "\n" not in str(refused.value)


def test_a_redirect_out_of_encryption(
    site: Site, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server speaks no TLS, so the client is made to forget it."""

    def plain(host: str, timeout: float, **_: object) -> HTTPConnection:
        return HTTPConnection(host, timeout=timeout)

    monkeypatch.setattr("http.client.HTTPSConnection", plain)
    url = site.at("/plain").replace("http:", "https:")
    with pytest.raises(UnavailableError, match=r"/plain: it leads to http:.*, which is not encr"):
        get(url, path)
    assert site.asked == []


def test_a_redirect_out_of_http(site: Site, path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"leads to ftp:.*, which is neither http nor https"):
        get(site.at("/elsewhere"), path)
    assert site.asked == []


def test_an_error_of_the_server(site: Site, path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"cannot fetch http://127.*: 500 Internal"):
        get(site.at("/broken"), path)


def test_not_found(site: Site, path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"cannot fetch http://127.*: 404"):
        get(site.at("/nothing"), path)


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


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_too_small_a_disk(
    site: Site, path: Path, size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9000, 1, 8999))
    with pytest.raises(StorageError, match="has 8999 bytes free, 3072000 are needed"):
        get(site.url, path, size=size)
    assert left_by(path) == set()


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


def test_the_digest_of_no_file(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"cannot read .*nothing: No such file"):
        sha256_of(tmp_path / "nothing")
