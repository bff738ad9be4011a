"""What scores depend on, by content: a score is found again when songs have moved, not changed."""

import json
from hashlib import sha256
from pathlib import Path

from hclarity.batch.journal import Journal
from hclarity.evaluation.songs import Song
from hclarity.registry.download import sha256_of

__all__ = ["Digests", "digest_of_values"]


class Digests:
    """Digests of files, each read once: a journal keeps them for as long as the files stay as is.

    Whether one has changed is told by its size and by when it was written.

    Args:
        journal: that keeps them, open.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def of_file(self, path: Path) -> str:
        """Return the SHA-256 digest of a file; raises what `sha256_of` does."""
        try:
            looks = path.stat()
        except OSError:
            return sha256_of(path)  # which says what is wrong
        of = {
            "file": str(path.absolute()),
            "bytes": looks.st_size,
            "modified_ns": looks.st_mtime_ns,
        }
        if of not in self._journal:
            self._journal.add(of, sha256_of(path))
        return str(self._journal[of])

    def of_song(self, song: Song) -> str:
        """Return a digest of all that a song sounds like."""
        track = song.track
        mixture = track.mixture and [self.of_file(track.mixture.path), track.mixture.stream]
        stems = {
            stem: [[self.of_file(sound.path), sound.stream] for sound in sounds]
            for stem, sounds in track.stems.items()
        }
        return digest_of_values(stems, mixture, song.start, song.frames)


def digest_of_values(*values: object) -> str:
    """Return a digest of values that JSON can hold."""
    return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
