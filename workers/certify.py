"""The end of a stitch: certificate and result are written, to the store and to the output, the result last.

Two stitchers that are at it at once, or one after the other's death, end with the same certificate and result: the
store's first, if what it says was delivered is what this stitcher delivered, too.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from jobs.certificate import VERSION, Certificate, Check, InputRow, RedoRow, read, result_bytes, result_digests
from jobs.records import ModelRef, Plan, Result
from jobs.redone import compare, is_proved, sentence
from jobs.truth import Truth
from pipeline.errors import InputError, IntegrityError
from pipeline.film.seams import PASSED
from workers.output import Output
from workers.witness import Witness

log = logging.getLogger(__name__)

PROMPTED = ("diffusion", "speech")
"""Kinds whose pictures or sounds are made of words, told in their `subjects` or `lines`."""


class Certifier:
    """Makes one generation's certificate."""

    def __init__(self, plan: Plan, generation: int, truth: Truth, witness: Witness) -> None:
        self._plan, self._generation = plan, generation
        self._truth, self._witness = truth, witness
        self._checks: list[Check] = []

    def check(self, name: str, compared: str, count: int, *, passed: bool = True) -> None:
        """Note that something was compared. What must not pass raises instead of coming here."""
        self._checks.append(Check(name=name, compared=compared, count=count, passed=passed))

    def notes(self) -> Iterator[str]:
        """What people should be told."""
        if self._redo is not None:
            yield sentence(self._redo)

    def publish(self, result: Result, output: Output) -> Result:
        """Write certificate and result. The result that counts: ours, or one that was there.

        Raises: IntegrityError, StorageUnavailable, StorageFull.
        """
        data, bare = self._settled(result, output)
        result = bare.model_copy(update={"certificate": hashlib.sha256(data).hexdigest()})
        output.vouch(data, result_bytes(result)[0])
        self._truth.put_result(result)
        return self._truth.result(self._plan.job, self._generation) or result

    def vouch_again(self, result: Result, output: Output) -> Result:
        """Put the published certificate and result back into the output. Gives the result."""
        output.vouch(self._truth.certificate(self._plan.job, self._generation) or b"", result_bytes(result)[0])
        return result

    def _settled(self, result: Result, output: Output) -> tuple[bytes, Result]:
        """The certificate that is in the store now, as bytes, and the result that it is of."""
        made = self._certificate(result, output)
        data = made.to_bytes()
        if self._truth.put_certificate(self._plan.job, self._generation, data):
            return data, result
        other = self._truth.certificate(self._plan.job, self._generation) or b""
        known = self._readable(other, self._generation)
        published = self._truth.result(self._plan.job, self._generation) is not None
        if known is not None and (published or _is_of_the_same(known, made)):
            before = Result.model_validate(known.result)
            if result_digests(before) == known.result_sha256:
                return other, before
        # Of a stitch that ended before its result, and whose deliverables were others.
        self._truth.replace_certificate(self._plan.job, self._generation, data)
        return data, result

    def _certificate(self, result: Result, output: Output) -> Certificate:
        plan, witness = self._plan, self._witness
        return Certificate(
            version=VERSION,
            job=plan.job,
            generation=self._generation,
            kind=plan.kind,
            output=plan.output,
            records=self._truth.digests(plan.job),
            frames=tuple(witness.frames),
            files=tuple(sorted(output.files)),
            pictures=tuple(output.pictures),
            chunks=tuple(witness.chunks),
            models=tuple(row for model in plan.models for row in _rows(model)),
            inputs=tuple(InputRow(name=row.name, key=row.key, sha256=row.sha256) for row in plan.files),
            seeds=dict(_seeds(plan.inputs)),
            prompts=tuple(dict.fromkeys(_prompts(plan.kind, plan.inputs))),
            workers=witness.workers,
            software=witness.software,
            checks=(*self._checks, *self._verdicts(output)),
            redo=self._redo,
            result=result.model_dump(mode="json", exclude={"certificate"}),
            result_sha256=result_digests(result),
        )

    def _verdicts(self, output: Output) -> Iterator[Check]:
        compared = "each delivered file, read back, with the SHA-256 of what was written"
        yield Check(name="files", compared=compared, count=len(output.files), passed=True)
        scores = [score for _, score in self._witness.seams]
        if scores:
            compared = f"each chunk boundary's seam score with {PASSED:g}, the worst being {max(scores):g}"
            yield Check(name="seams", compared=compared, count=len(scores), passed=max(scores) <= PASSED)
        if self._redo is not None:
            compared = f"each frame that was not rendered again with generation {self._redo.generation}, by SHA-256"
            passed = is_proved(self._redo, self._plan.frames)
            yield Check(name="redo", compared=compared, count=self._redo.untouched, passed=passed)

    @cached_property
    def _redo(self) -> RedoRow | None:
        """What this generation changed; None if none before it was finished."""
        for number in range(self._generation - 1, 0, -1):
            data = self._truth.certificate(self._plan.job, number)
            earlier = None if data is None else self._readable(data, number)
            if data is not None and earlier is not None:
                digest = hashlib.sha256(data).hexdigest()
                return compare(earlier, digest, self._witness.frames, self._witness.chunks)
        return None

    def _readable(self, data: bytes, generation: int) -> Certificate | None:
        key = self._truth.certificate_key(self._plan.job, generation)
        try:
            return read(data, key)
        except (IntegrityError, InputError) as error:
            log.warning("%s; it is not used", error)
            return None


def _is_of_the_same(one: Certificate, other: Certificate) -> bool:
    """Whether two certificates are of the same frames and files, made from the same records."""
    return all(getattr(one, name) == getattr(other, name) for name in ("records", "frames", "files", "pictures")) and [
        row.receipt for row in one.chunks
    ] == [row.receipt for row in other.chunks]


def _rows(model: ModelRef) -> Iterator[InputRow]:
    """A model, or each file of one in parts."""
    if not model.parts:
        yield InputRow(name=model.name, key=model.weights, sha256=model.sha256)
    for part in model.parts:
        yield InputRow(name=f"{model.name.rstrip('/')}/{part.name}", key=part.key, sha256=part.sha256)


def _prompts(kind: str, inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every prompt or line in a plan's inputs, with what was not to be seen; those of nested plans, too."""
    if kind in PROMPTED:
        rows = [*inputs.get("subjects", ()), *inputs.get("lines", ())]
        yield from (
            (row.get("prompt") or row["text"], row.get("negative", "")) for row in rows if not row.get("problem")
        )
    for nested in inputs.values():
        if isinstance(nested, dict):
            is_plan = {"kind", "painter", "inputs"} <= nested.keys()
            yield from _prompts(nested["kind"], nested["inputs"]) if is_plan else _prompts("", nested)


def _seeds(inputs: dict[str, Any], before: str = "") -> Iterator[tuple[str, int]]:
    """Every seed in a plan's inputs, by its place."""
    for name, value in inputs.items():
        if isinstance(value, dict):
            yield from _seeds(value, f"{before}{name}.")
        elif name == "seed" and isinstance(value, int):
            yield f"{before}{name}", value
