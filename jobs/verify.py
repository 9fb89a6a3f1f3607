"""Checking a finished job again, byte for byte, against its certificate: its output alone, or all that is kept of it.

Nothing here trusts what it reads: a record is parsed only after its digest was found right.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from jobs import naming
from jobs.certificate import Certificate, read
from jobs.examine import Damage, Findings, Report
from jobs.expected import delivered, kept, records, redo, stored
from jobs.truth import Truth
from pipeline.errors import AtelierError, InputError, IntegrityError, JobNotFound, ObjectNotFound
from pipeline.ranges import as_ranges
from pipeline.storage import StoreOptions, open_store
from pipeline.storage.base import Store

_NUMBERED = re.compile(r"(?:/|-)([0-9]+)\.json$")
_NAMES_ONE = re.compile(rb'"certificate": ?"[0-9a-f]{64}"')


@dataclass(frozen=True)
class Verdict:
    """What verifying found."""

    job: str
    """Empty where the certificate could not be read, as are the next two."""
    generation: int
    certificate: str
    """Its SHA-256."""
    files: int
    """How many were read."""
    size: int
    """Bytes that were read."""
    damages: tuple[Damage, ...] = ()
    surplus: tuple[str, ...] = ()
    """Files among the delivered ones that the job did not deliver."""
    remedy: str = ""
    """One command that mends all that rendering and delivering again can mend; empty if that is nothing."""

    @property
    def is_whole(self) -> bool:
        """Whether everything is as it was certified."""
        return not self.damages

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {**asdict(self), "whole": self.is_whole}


def _silent(done: int, total: int) -> None:
    """Tells nobody."""


def verify_folder(url: str, options: StoreOptions, *, report: Report = _silent) -> Verdict:
    """Check a job's output with nothing but what lies in it; `url` is a folder or `s3://bucket/prefix`.

    Raises: InputError if it is no output of a finished job, or is of another version; IntegrityError if its certificate
    is gone; StorageUnavailable.
    """
    output = open_store(url, options)
    data = _certificate_in(output)
    try:
        certificate = read(data, naming.CERTIFICATE)
    except IntegrityError as error:
        return Verdict("", 0, "", 1, len(data), (_unreadable(output, naming.CERTIFICATE, error, "JOB", "N"),))
    findings = Findings()
    findings.examine(delivered(certificate, data, output), report)
    return _verdict(certificate, data, findings, output)


def verify_job(job: str, truth: Truth, options: StoreOptions, *, report: Report = _silent) -> Verdict:
    """Check a job's output and everything that the store keeps of its newest generation.

    Raises: JobNotFound; InputError if it is not finished, was made without a certificate, or is of another version;
    IntegrityError if nothing says which generations it has; StorageUnavailable.
    """
    generation = _finished(job, truth)
    findings = Findings()
    found = _certificate_of(job, generation, truth, options, findings)
    if found is None:
        return Verdict(job, generation, "", findings.files, findings.size, tuple(findings.damages))
    certificate, data = found
    output = open_store(certificate.output, options)
    items = [*records(certificate, data, truth), *kept(certificate, truth, findings)]
    away = _elsewhere(certificate, output)
    if away is None:
        items += delivered(certificate, data, output)
    else:
        findings.damages.append(away)
    findings.examine(items, report)
    return _verdict(certificate, data, findings, output)


def _verdict(certificate: Certificate, data: bytes, findings: Findings, output: Store) -> Verdict:
    return Verdict(
        job=certificate.job,
        generation=certificate.generation,
        certificate=hashlib.sha256(data).hexdigest(),
        files=findings.files,
        size=findings.size,
        damages=tuple(findings.damages),
        surplus=tuple(_surplus(certificate, output)),
        remedy=_remedy(certificate, findings, output),
    )


# The output


def _certificate_in(output: Store) -> bytes:
    try:
        return output.get(naming.CERTIFICATE)
    except ObjectNotFound as error:
        result = stored(output, naming.RESULT)
        if result is None:
            raise InputError(
                f"{output.url}: holds no {naming.CERTIFICATE}; name the output of a finished job, or the job itself"
            ) from error
        if not _NAMES_ONE.search(result):
            raise InputError(
                f"{output.url}: was delivered without a certificate; submit the job's file again with `--again`"
            ) from error
        raise IntegrityError(
            f"{output.url}/{naming.CERTIFICATE}: is missing, though {naming.RESULT} names it; "
            "`atelier verify JOB` finds the store's copy"
        ) from error


def _surplus(certificate: Certificate, output: Store) -> Iterator[str]:
    """Files in the folders that the job delivers to, which are none of its."""
    ours = {*certificate.delivered(), naming.CERTIFICATE, naming.RESULT}
    folders = {name.rpartition("/")[0] for name in ours}
    for entry in output.list():
        if entry.key not in ours and entry.key.rpartition("/")[0] in folders:
            yield entry.key


def _elsewhere(certificate: Certificate, output: Store) -> Damage | None:
    """Told once, where the whole output is gone or another job's: not once for each of its files."""
    mend = redo(certificate.job, certificate.frames[0][:1])
    ours = {*certificate.delivered(), naming.CERTIFICATE, naming.RESULT}
    if not any(entry.key in ours for entry in output.list()):
        return Damage("output", output.url, "holds none of the job's files, or is not of this machine", mend)
    try:
        other = read(stored(output, naming.CERTIFICATE) or b"", naming.CERTIFICATE)
    except (IntegrityError, InputError):
        return None
    if _is_of(other, certificate.job, certificate.generation):
        return None
    why = f"holds what {other.job} delivered in its generation {other.generation}"
    return Damage("output", output.url, why, mend)


# The store


def _finished(job: str, truth: Truth) -> int:
    """The newest generation, by what is called after it: records may be damaged, or gone."""
    beginnings = ("generations/", "certificate-", "result-")
    names = (entry.key for begin in beginnings for entry in truth.store.list(f"jobs/{job}/{begin}"))
    numbers = [int(found[1]) for name in names if (found := _NUMBERED.search(name))]
    if not numbers:
        raise _without_generations(job, truth)
    generation = max(numbers)
    if not truth.store.exists(truth.result_key(job, generation)) and not _has_lost_its_result(job, generation, truth):
        raise InputError(
            f"{job} is not finished: generation {generation} has no result yet; `atelier status {job}` says more"
        )
    return generation


def _without_generations(job: str, truth: Truth) -> AtelierError:
    if not truth.store.exists(f"index/{job}"):
        return JobNotFound(f"no job {job!r} in {truth.store.url}; `atelier jobs --all` lists them")
    record = f"{truth.store.url.rstrip('/')}/jobs/{job}/generations/0001.json"
    return IntegrityError(f"{record}: is gone from the store, though {job} is a job; submit its file with `--again`")


def _has_lost_its_result(job: str, generation: int, truth: Truth) -> bool:
    """Whether a certified generation has no work to do: a job that is being stitched has a certificate, too."""
    return (
        truth.store.exists(truth.certificate_key(job, generation))
        and not truth.store.exists(f"active/{job}")
        and truth.ending(job, generation) is None
    )


def _certificate_of(
    job: str, generation: int, truth: Truth, options: StoreOptions, findings: Findings
) -> tuple[Certificate, bytes] | None:
    """The store's certificate, or, if that is damaged, the output's; None if there is no good one."""
    key = truth.certificate_key(job, generation)
    data = truth.certificate(job, generation)
    where = f"{truth.store.url.rstrip('/')}/{key}"
    try:
        if data is None:
            if not _NAMES_ONE.search(stored(truth.store, truth.result_key(job, generation)) or b""):
                raise InputError(f"{job}: was made without a certificate; submit its file again with `--again`")
            lost = Damage("certificate", where, "is missing", _copied(key))
        else:
            certificate = read(data, key)
            if _is_of(certificate, job, generation):
                return certificate, data
            why = f"is that of {certificate.job}, generation {certificate.generation}"
            lost = Damage("certificate", where, why, _copied(key))
    except IntegrityError as error:
        lost = _unreadable(truth.store, key, error, job, "N", mend=_copied(key))
    findings.files, findings.size = int(data is not None), len(data or b"")
    findings.damages.append(lost)
    return _delivered_certificate(job, generation, truth, options, findings)


def _delivered_certificate(
    job: str, generation: int, truth: Truth, options: StoreOptions, findings: Findings
) -> tuple[Certificate, bytes] | None:
    try:
        output = open_store(truth.plan(job).output, options)
        data = output.get(naming.CERTIFICATE)
    except (IntegrityError, ObjectNotFound, JobNotFound):
        # Without a plan, nobody knows where the output is.
        return None
    try:
        certificate = read(data, naming.CERTIFICATE)
    except IntegrityError as error:
        findings.damages.append(_unreadable(output, naming.CERTIFICATE, error, job, "N"))
        return None
    return (certificate, data) if _is_of(certificate, job, generation) else None


def _is_of(certificate: Certificate, job: str, generation: int) -> bool:
    return (certificate.job, certificate.generation) == (job, generation)


# What is said


def _remedy(certificate: Certificate, findings: Findings, output: Store) -> str:
    frames = sorted({frame for damage in findings.damages for frame in damage.frames})
    if not frames and any(damage.where.startswith(output.url) for damage in findings.damages):
        # Whatever is rendered again, everything is delivered anew.
        frames = [certificate.frames[0][0]]
    return f"atelier redo {certificate.job} --frames {as_ranges(frames)}" if frames else ""


def _copied(key: str) -> str:
    return f"copy the output's {naming.CERTIFICATE} to {key}"


def _unreadable(store: Store, key: str, error: IntegrityError, job: str, frame: str, mend: str = "") -> Damage:
    why = str(error).removeprefix(f"{key}: ")
    said = mend or f"`atelier redo {job} --frames {frame}`, with any frame, certifies everything anew"
    return Damage("certificate", f"{store.url.rstrip('/')}/{key}", why, said)
