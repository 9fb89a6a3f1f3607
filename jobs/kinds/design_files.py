"""The files that an interiors job starts from: pictures, a mask, attributes; looked at, and pinned by digest."""

from __future__ import annotations

import hashlib

import numpy as np

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.pictures import picture_file
from jobs.records import FileRef, ModelRef
from pipeline.catalog import digest
from pipeline.errors import InputError, MediaError, ModelError
from pipeline.film.access import basename, local_copy, read_bytes
from pipeline.images import BLACK, WHITE, decode_image
from pipeline.interiors import attributes
from pipeline.interiors.brief import Attribute, Keep, Picture
from pipeline.interiors.own import latent_told
from pipeline.interiors.squares import middle_square
from pipeline.models.vae.config import VaeConfig
from pipeline.portraits.projection.face import check_photograph

_KEPT, _VARIED = 128, 32
"""Of 255: a mask that is nowhere as white keeps nothing, one that is nowhere as black keeps everything."""


class DesignFiles:
    """The files of one job, each of which is read once."""

    def __init__(self, model: ModelRef, config: VaeConfig, settings: Settings) -> None:
        self._model, self._config, self._settings = model, config, settings
        self._options = settings.store_options()
        self._rows: dict[str, FileRef] = {}
        self._pictures: dict[str, Picture] = {}

    @property
    def found(self) -> tuple[FileRef, ...]:
        """As the plan has them."""
        return tuple(self._rows.values())

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Those that designs start from."""
        return tuple(self._pictures.values())

    def picture(self, url: str, *keys: str | int) -> int:
        """The place among `pictures` of one that is a design of this model, or is taken for a photograph.

        Raises: FieldProblem if it is not there, no picture, too small, or a design of another model.
        """
        if url not in self._pictures:
            try:
                file = self._pinned(url)
                is_design = self._is_design(url)
            except InputError as error:
                raise FieldProblem(keys, str(error)) from error
            self._pictures[url] = Picture(name=basename(url), file=file, is_design=is_design)
        return list(self._pictures).index(url)

    def mask(self, url: str, around: str) -> Keep:
        """What is kept of the picture `around`. Raises: FieldProblem if the mask does not fit it, or keeps nothing."""
        try:
            file = self._pinned(url)
            mask, picture = self._seen(url), self._seen(around)
            _check_shapes(url, mask.shape, around, picture.shape)
            _check_opaque(url, mask, self._seen(url, BLACK))
            _check_mask(url, mask)
        except InputError as error:
            raise FieldProblem("keep", str(error)) from error
        return Keep(name=basename(url), file=file)

    def attributes(self, url: str | None) -> dict[str, Attribute]:
        """Every attribute that designs can be edited by: the model's own, and those of the file.

        Raises: FieldProblem if the file is none, is another model's, or has a name that the model has.
        """
        known = {name: Attribute(name=name, row=row) for row, name in enumerate(self._config.attributes)}
        if url is None:
            return known
        try:
            names = self._directions(url)
            if both := [name for name in names if name in known]:
                raise ModelError(f"{url}: names {both[0]!r}, which the model has itself; fit it under another name")
        except InputError as error:
            raise FieldProblem("attributes", str(error)) from error
        file = list(self._rows).index(url)
        return known | {name: Attribute(name=name, row=row, file=file) for row, name in enumerate(names)}

    def _directions(self, url: str) -> tuple[str, ...]:
        with local_copy(url, self._options) as path:
            try:
                found = attributes.read(path, latent=self._config.latent, sha256=self._model.sha256)
            except ModelError as error:
                raise ModelError(str(error).replace(str(path), url)) from error
            self._rows[url] = FileRef(name=basename(url), key=url, sha256=digest(path))
        return found.names

    def _pinned(self, url: str) -> int:
        if url not in self._rows:
            self._rows[url] = picture_file(url, self._options, self._settings.limits())
        return list(self._rows).index(url)

    def _seen(self, url: str, paper: float = WHITE) -> np.ndarray:
        return decode_image(read_bytes(url, self._options), where=url, paper=paper)

    def _is_design(self, url: str) -> bool:
        data = read_bytes(url, self._options)
        if hashlib.sha256(data).hexdigest() != self._rows[url].sha256:
            raise MediaError(f"{url}: changed while the job was planned; submit again")
        if latent_told(data, url, latent=self._config.latent, sha256=self._model.sha256) is not None:
            return True
        height, width = self._seen(url).shape[:2]
        check_photograph(width, height, where=url)
        return False


def _check_shapes(mask: str, held: tuple[int, ...], around: str, wanted: tuple[int, ...]) -> None:
    """Raises: MediaError if the two differ in shape by more than a pixel."""
    (height, width), (rows, columns) = held[:2], wanted[:2]
    if abs(width * rows - columns * height) > max(height, width, rows, columns):
        said = f"is {width}x{height} px, and {basename(around)} is {columns}x{rows}"
        raise MediaError(f"{mask}: {said}; a mask has the shape of its picture")


def _check_opaque(url: str, over_white: np.ndarray, over_black: np.ndarray) -> None:
    """Raises: MediaError if something shows through: white paint on a transparent layer would be all white."""
    if not np.array_equal(over_white, over_black):
        right = "fill with black what varies, and save it without transparency"
        raise MediaError(f"{url}: is transparent in places, which is neither white nor black; {right}")


def _check_mask(url: str, mask: np.ndarray) -> None:
    """Raises: MediaError if nothing would be kept, or nothing left to design."""
    square = middle_square(mask).max(2)
    if square.max() < _KEPT:
        raise MediaError(f"{url}: keeps nothing, for nothing in its middle square is white; paint white what stays")
    if square.min() >= _VARIED:
        raise MediaError(f"{url}: keeps everything, for nothing in its middle square is black; paint black what varies")
