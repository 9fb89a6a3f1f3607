"""The recordings of motion that a job file names: looked at, and pinned by digest."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import cache
from pathlib import Path, PurePosixPath

from jobs.config import Settings
from jobs.confine import check_within
from jobs.kinds.base import FieldProblem
from jobs.kinds.motion_keys import Take
from jobs.kinds.parts import Parts
from jobs.records import FileRef
from pipeline.errors import InputError, MediaError
from pipeline.film import access
from pipeline.film.access import basename, is_remote
from pipeline.motion.brief import Recording
from pipeline.motion.clip import Clip
from pipeline.motion.files import MOST_BYTES
from pipeline.motion.opening import parsed, skeleton_file


class Recordings:
    """The files of one job, each of which is read once."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._options, self._parts = settings.store_options(), parts
        self._bytes = cache(self._fetched)
        self._clip = cache(self._parsed)

    def of(self, take: Take, number: int) -> tuple[Recording, Clip]:
        """What clip `number` of the job takes of its file, and all that the file has.

        Raises: FieldProblem if a file is missing, damaged, or moves nobody.
        """
        assert take.file is not None
        try:
            skeleton = self._skeleton(take)
            clip = self._clip(take.file, skeleton)
        except InputError as error:
            raise FieldProblem(("clips", number, "file"), str(error)) from error
        recording = Recording(
            name=basename(take.file),
            file=self._place(take.file),
            skeleton=None if skeleton is None else self._place(skeleton),
            rate=None if take.fps is None else Fraction(take.fps),
            start_s=take.start,
            end_s=take.end,
            joints=take.joints,
        )
        return recording, clip

    def _skeleton(self, take: Take) -> str | None:
        """Where the skeleton of a file lies, if it is in another one. Raises: MediaError."""
        file, said = str(take.file), take.skeleton
        match PurePosixPath(file).suffix.casefold():
            case ".asf":
                raise MediaError(
                    f"{file}: is a skeleton, which does not move; give its .amc as `file`, and this as `skeleton`"
                )
            case ".amc" if said is not None:
                return said
            case ".amc" if is_remote(file):
                raise MediaError(f"{file}: needs its skeleton; give the .asf as `skeleton`")
            case ".amc":
                if not Path(file).exists():
                    raise MediaError(f"{file}: no such recording; check the path")
                beside = str(skeleton_file(Path(file)))
                # A link may lead elsewhere.
                check_within(beside)
                return beside
            case _ if said is not None:
                raise MediaError(f"{file}: has its own skeleton; leave `skeleton` out, for it is of .amc files")
        return None

    def _fetched(self, url: str) -> bytes:
        if access.size(url, self._options) > MOST_BYTES:
            raise MediaError(f"{url}: is larger than {MOST_BYTES // 1_000_000:,} MB; cut it into several")
        return access.read_bytes(url, self._options)

    def _parsed(self, file: str, skeleton: str | None) -> Clip:
        acclaim = None if skeleton is None else (self._bytes(skeleton), skeleton)
        return parsed(self._bytes(file), file, skeleton=acclaim)

    def _place(self, url: str) -> int:
        digest = hashlib.sha256(self._bytes(url)).hexdigest()
        return self._parts.file(FileRef(name=basename(url), key=url, sha256=digest))
