"""Where a job's records lie in the store, and the only code that reads and writes them.

    jobs/<id>/spec.json, plan.json          create-only
    jobs/<id>/generations/0001.json         what to render; a redo adds one
    jobs/<id>/receipts/000012-0001.json     chunk 12 of generation 1 is whole; create-only
    jobs/<id>/attempts/000012/<token>/…     frames and segments of one attempt
    jobs/<id>/states/000012-0001/…          where an attempt at chunk 12 stood, for painters that work long on one
    jobs/<id>/quarantine/000012-0001.json   what is known of the frames that chunk 12 fails of
    jobs/<id>/signed/0001/….json            where the signed copy of a deliverable lies, if they are signed; create-only
    jobs/<id>/certificate-0001.json         everything in generation 1, by digest; a copy lies in the output
    jobs/<id>/result-0001.json              generation 1 is finished
    jobs/<id>/ended-0001.json               … or failed, or was cancelled
    jobs/<id>/rehearsal.json                what stitching some frames took, in a job that is an estimate's
    jobs/<id>/paused                        is there while the job is paused
    jobs/<id>/priority                      its priority, if that was changed after its submission
    index/<id>                              is there for every job, so that listing jobs is cheap
    active/<id>                             is there while the job has work to do
    jobs/<id>/hooks/, jobs/<id>/notices/    who is told how it ended, and what (webhooks/outbox.py); so is due/<id>/
    copy/<sha256>.json                      what a language model answered to a question, by the question

The order of writing makes each step safe to lose: a job is accepted when its `active` marker is there, a chunk is done
when its receipt is, a job is finished when its result is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from jobs.records import CopyAnswer, Ending, Generation, Plan, Quarantine, Receipt, Rehearsal, Result, Signed
from jobs.shelf import Create, Shelf
from pipeline.errors import JobNotFound, ObjectNotFound
from pipeline.storage.base import Entry, Store


def now() -> str:
    """The time as records carry it: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Truth:
    """The records of every job in one store."""

    def __init__(self, store: Store, create: Create | None = None) -> None:
        """`create`: how keys are created at most once, where the store's own `put_if_absent` does not promise it."""
        self.store = store
        self.shelf = Shelf(store, create, mend="cancel or delete the job")

    # Accepting

    def accept(self, plan: Plan, spec: dict[str, object]) -> bool:
        """Write a new job down. False if it was there already (the same spec and token)."""
        folder = f"jobs/{plan.job}"
        body = json.dumps({"spec": spec, "submitted_at": now()}, indent=1).encode()
        created = self.shelf.create_bytes(f"{folder}/spec.json", body)
        self.shelf.create(f"{folder}/plan.json", plan)
        self.add_generation(plan.job, Generation(number=1, chunks=None, reason="submitted"))
        # When it was written tells when the job was submitted.
        if created or not self.store.exists(f"index/{plan.job}"):
            self.store.put(f"index/{plan.job}", b"")
        if created:
            self.activate(plan.job)
        return created

    def spec(self, job: str) -> dict[str, object]:
        """The job file as submitted, with its defaults. Raises: JobNotFound."""
        return dict(self._submission(job)["spec"])

    def submitted_at(self, job: str) -> str:
        """When the job was accepted. Raises: JobNotFound."""
        return str(self._submission(job)["submitted_at"])

    def plan(self, job: str) -> Plan:
        """The job's plan. Raises: JobNotFound."""
        plan = self.shelf.read(f"jobs/{job}/plan.json", Plan)
        if plan is None:
            raise self._no_such(job)
        return plan

    # Which jobs

    def jobs(self) -> list[str]:
        """Every job ever accepted."""
        return [entry.key.removeprefix("index/") for entry in self.store.list("index/")]

    def active(self) -> list[str]:
        """Jobs with work to do."""
        return [entry.key.removeprefix("active/") for entry in self.store.list("active/")]

    def activate(self, job: str) -> None:
        """The job has work to do."""
        self.store.put(f"active/{job}", b"")

    def retire(self, job: str, generation: int) -> None:
        """This generation of the job has no more work to do. A newer one, ordered meanwhile, stays active."""
        if self._is_ordered_anew(job, generation):
            return
        self.store.delete(f"active/{job}")
        # It may have been ordered since.
        if self._is_ordered_anew(job, generation):
            self.activate(job)

    def _is_ordered_anew(self, job: str, generation: int) -> bool:
        return any(newer.number > generation for newer in self.generations(job))

    # Generations and receipts

    def add_generation(self, job: str, generation: Generation) -> bool:
        """Write down what to render. False if that number is taken."""
        return self.shelf.create(f"jobs/{job}/generations/{generation.number:04d}.json", generation)

    def generations(self, job: str) -> list[Generation]:
        """Every generation of a job, the first one first."""
        keys = [entry.key for entry in self.store.list(f"jobs/{job}/generations/")]
        found = (self.shelf.read(key, Generation) for key in keys)
        return [generation for generation in found if generation is not None]

    def generation(self, job: str) -> int:
        """The newest generation's number, by a listing alone. Raises: JobNotFound."""
        keys = [entry.key for entry in self.store.list(f"jobs/{job}/generations/")]
        if not keys:
            raise self._no_such(job)
        return int(keys[-1].rpartition("/")[2].removesuffix(".json"))

    def current(self, job: str) -> Generation:
        """The newest generation. Raises: JobNotFound."""
        generations = self.generations(job)
        if not generations:
            raise self._no_such(job)
        return generations[-1]

    def wanted(self, job: str, chunks: int) -> list[int]:
        """For each chunk, the generation that must have rendered it."""
        wanted = [1] * chunks
        for generation in self.generations(job):
            for chunk in generation.chunks if generation.chunks is not None else range(chunks):
                wanted[chunk] = generation.number
        return wanted

    def counting(self, job: str, chunks: int) -> list[int | None]:
        """For each chunk, the generation of the receipt that counts: the newest of those new enough. None: not done."""
        newest = self._newest_generations(job, chunks)
        wanted = self.wanted(job, chunks)
        return [
            each if each is not None and each >= least else None for each, least in zip(newest, wanted, strict=True)
        ]

    def newest(self, job: str, chunks: int) -> list[int | None]:
        """For each chunk, the generation of its newest receipt, even if it was ordered again. None: no receipt."""
        return self._newest_generations(job, chunks)

    def _newest_generations(self, job: str, chunks: int) -> list[int | None]:
        newest: dict[int, int] = {}
        for entry in self.store.list(f"jobs/{job}/receipts/"):
            chunk, generation = map(int, entry.key.rpartition("/")[2].removesuffix(".json").split("-"))
            newest[chunk] = max(generation, newest.get(chunk, 0))
        return [newest.get(chunk) for chunk in range(chunks)]

    def done(self, job: str, chunks: int) -> list[bool]:
        """For each chunk, whether the receipt that counts is there."""
        return [generation is not None for generation in self.counting(job, chunks)]

    @staticmethod
    def receipt_key(job: str, chunk: int, generation: int) -> str:
        """Where a chunk's receipt lies."""
        return f"jobs/{job}/receipts/{chunk:06d}-{generation:04d}.json"

    def receipt(self, job: str, chunk: int, generation: int) -> Receipt | None:
        """A chunk's receipt, if it is done."""
        return self.shelf.read(self.receipt_key(job, chunk, generation), Receipt)

    def receipt_with_digest(self, job: str, chunk: int, generation: int) -> tuple[Receipt, str] | None:
        """A chunk's receipt and the SHA-256 of its bytes, if it is done. Raises: IntegrityError."""
        key = self.receipt_key(job, chunk, generation)
        data = self.shelf.get(key)
        return None if data is None else (self.shelf.parsed(key, data, Receipt), hashlib.sha256(data).hexdigest())

    def receipts(self, plan: Plan) -> Iterator[Receipt | None]:
        """The receipt that counts of each chunk, in order; None where it is missing."""
        for chunk, generation in enumerate(self.counting(plan.job, len(plan.chunks))):
            yield None if generation is None else self.receipt(plan.job, chunk, generation)

    def receipt_that_counts(self, plan: Plan, chunk: int) -> Receipt | None:
        """One chunk's receipt, if it is done."""
        generation = self.counting(plan.job, len(plan.chunks))[chunk]
        return None if generation is None else self.receipt(plan.job, chunk, generation)

    def put_receipt(self, receipt: Receipt) -> bool:
        """Write a chunk's receipt. False if another attempt was first."""
        return self.shelf.create(self.receipt_key(receipt.job, receipt.chunk, receipt.generation), receipt)

    def drop_receipt(self, job: str, chunk: int) -> None:
        """Forget a chunk's receipt, because what it names is not there."""
        for entry in list(self.store.list(f"jobs/{job}/receipts/{chunk:06d}-")):
            self.store.delete(entry.key)

    def attempts(self, job: str, chunk: int) -> int:
        """How many attempts at a chunk have left files."""
        return len({entry.key.split("/")[4] for entry in self.attempted(job, chunk)})

    def attempted(self, job: str, chunk: int) -> Iterator[Entry]:
        """The files of all attempts at a chunk."""
        return self.store.list(f"jobs/{job}/attempts/{chunk:06d}/")

    @staticmethod
    def attempt(job: str, chunk: int, token: int) -> str:
        """The folder of one attempt's files."""
        return f"jobs/{job}/attempts/{chunk:06d}/{token}"

    # States of long work

    @staticmethod
    def _states(job: str, chunk: int, generation: int) -> str:
        return f"jobs/{job}/states/{chunk:06d}-{generation:04d}/"

    def state(self, job: str, chunk: int, generation: int, part: str = "main") -> bytes | None:
        """What an attempt at a chunk saved last; None if none has."""
        try:
            return self.store.get(self._states(job, chunk, generation) + part)
        except ObjectNotFound:
            return None

    def put_state(self, job: str, chunk: int, generation: int, state: bytes, part: str = "main") -> None:
        """Keep where an attempt at a chunk stands, or a part of it."""
        self.store.put(self._states(job, chunk, generation) + part, state)

    def drop_states(self, job: str) -> None:
        """The job is finished: nobody will go on from there."""
        for entry in list(self.store.list(f"jobs/{job}/states/")):
            self.store.delete(entry.key)

    # Chunks that fail again and again

    def quarantine(self, job: str, chunk: int, generation: int) -> Quarantine | None:
        """What is known of a chunk's bad frames; None if none were looked for."""
        return self.shelf.read(self._quarantine(job, chunk, generation), Quarantine)

    def put_quarantine(self, job: str, chunk: int, generation: int, known: Quarantine) -> None:
        """Keep what is known of a chunk's bad frames."""
        self.store.put(self._quarantine(job, chunk, generation), known.model_dump_json().encode())

    @staticmethod
    def _quarantine(job: str, chunk: int, generation: int) -> str:
        return f"jobs/{job}/quarantine/{chunk:06d}-{generation:04d}.json"

    # Signed deliverables

    @staticmethod
    def signed_folder(job: str, generation: int, stitcher: str) -> str:
        """Where one stitcher's signed files go."""
        return f"jobs/{job}/signed/{generation:04d}-{stitcher}/"

    @staticmethod
    def _signed(job: str, generation: int, name: str) -> str:
        return f"jobs/{job}/signed/{generation:04d}/{name}.json"

    def signed(self, job: str, generation: int, name: str) -> Signed | None:
        """The signed copy of a deliverable that counts, if there is one."""
        return self.shelf.read(self._signed(job, generation, name), Signed)

    def put_signed(self, record: Signed) -> bool:
        """Let a signed copy count. False if another was first."""
        return self.shelf.create(self._signed(record.job, record.generation, record.name), record)

    def replace_signed(self, record: Signed) -> None:
        """Let it count in the place of one of another file, for a generation that has no result yet."""
        self.shelf.put(self._signed(record.job, record.generation, record.name), record)

    # Certificates

    @staticmethod
    def certificate_key(job: str, generation: int) -> str:
        """Where the certificate of a generation lies."""
        return f"jobs/{job}/certificate-{generation:04d}.json"

    def certificate(self, job: str, generation: int) -> bytes | None:
        """The certificate of a generation, as written."""
        return self.shelf.get(self.certificate_key(job, generation))

    def put_certificate(self, job: str, generation: int, data: bytes) -> bool:
        """Write a generation's certificate. False if there is one."""
        return self.shelf.create_bytes(self.certificate_key(job, generation), data)

    def replace_certificate(self, job: str, generation: int, data: bytes) -> None:
        """Write the certificate anew, for a generation that has no result yet."""
        self.store.put(self.certificate_key(job, generation), data)

    def digests(self, job: str) -> dict[str, str]:
        """SHA-256 of what says what to do, spec, plan and generations, by its place below the job's folder."""
        folder = f"jobs/{job}/"
        keys = [entry.key for entry in self.store.list(f"{folder}generations/")]
        keys += [f"{folder}plan.json", f"{folder}spec.json"]
        return {key.removeprefix(folder): hashlib.sha256(self.store.get(key)).hexdigest() for key in keys}

    # Endings

    @staticmethod
    def result_key(job: str, generation: int) -> str:
        """Where the result of a generation lies."""
        return f"jobs/{job}/result-{generation:04d}.json"

    def result(self, job: str, generation: int) -> Result | None:
        """The finished job, if it is."""
        return self.shelf.read(self.result_key(job, generation), Result)

    def newest_result(self, job: str) -> Result | None:
        """What the job delivered last, also if it was ordered again since; None if it was never finished."""
        results = (self.result(job, each.number) for each in reversed(self.generations(job)))
        return next((result for result in results if result is not None), None)

    def put_result(self, result: Result) -> bool:
        """The job is finished. False if another stitcher was first."""
        return self.shelf.create(self.result_key(result.job, result.generation), result)

    def ending(self, job: str, generation: int) -> Ending | None:
        """Why the job stopped short, if it did."""
        return self.shelf.read(f"jobs/{job}/ended-{generation:04d}.json", Ending)

    def is_over(self, job: str, generation: int) -> bool:
        """Whether this generation of the job is finished or stopped short."""
        return self.result(job, generation) is not None or self.ending(job, generation) is not None

    def put_ending(self, job: str, generation: int, *, state: str, reason: str) -> bool:
        """The job failed or was cancelled. False if it had ended already."""
        return self.shelf.create(
            f"jobs/{job}/ended-{generation:04d}.json", Ending(state=state, reason=reason, at=now())
        )

    def clear_ending(self, job: str, generation: int) -> None:
        """A job that stopped short goes on."""
        self.store.delete(f"jobs/{job}/ended-{generation:04d}.json")

    # What a canary leaves

    def rehearsal(self, job: str) -> Rehearsal | None:
        """What a canary's stitch took, if it was rehearsed."""
        return self.shelf.read(f"jobs/{job}/rehearsal.json", Rehearsal)

    def put_rehearsal(self, job: str, rehearsal: Rehearsal) -> None:
        """Keep what a canary's stitch took."""
        self.shelf.put(f"jobs/{job}/rehearsal.json", rehearsal)

    # Pausing

    def paused(self, job: str) -> bool:
        """Whether the job is paused."""
        return self.store.exists(f"jobs/{job}/paused")

    def set_paused(self, job: str, paused: bool) -> None:
        """Pause a job, or let it go on."""
        if paused:
            self.store.put(f"jobs/{job}/paused", b"")
        else:
            self.store.delete(f"jobs/{job}/paused")

    # Priority

    def priority(self, job: str) -> int | None:
        """The priority that the job was given after its submission; None if it has its plan's."""
        data = self.shelf.get(f"jobs/{job}/priority")
        return None if data is None else int(data)

    def set_priority(self, job: str, priority: int) -> None:
        """Give the job another priority than its plan says."""
        self.store.put(f"jobs/{job}/priority", str(priority).encode())

    # What was asked of others

    def copy_answer(self, digest: str) -> CopyAnswer | None:
        """The texts that answer the question of that digest, if it was asked before."""
        return self.shelf.read(f"copy/{digest}.json", CopyAnswer)

    def put_copy_answer(self, digest: str, answer: CopyAnswer) -> bool:
        """Keep the answer to a question. False if there is one."""
        return self.shelf.create(f"copy/{digest}.json", answer)

    # JSON

    def _submission(self, job: str) -> dict:
        try:
            return json.loads(self.store.get(f"jobs/{job}/spec.json"))
        except ObjectNotFound as error:
            raise self._no_such(job) from error

    def _no_such(self, job: str) -> JobNotFound:
        return JobNotFound(f"no job {job!r} in {self.store.url}; `atelier jobs` lists them")
