"""All texts of a job: those that are there, those that were answered before, and the others, asked for.

What was answered is kept at once, so a job that is refused for one audience asks nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from jobs.config import Settings
from jobs.copywriter.answer import Unusable, texts_of
from jobs.copywriter.endpoint import Endpoint
from jobs.copywriter.keys import Copy
from jobs.copywriter.letters import count
from jobs.copywriter.request import CopyRequest, again
from jobs.copywriter.rules import wrong
from jobs.desk import Desk
from jobs.kinds.base import FieldProblem
from jobs.records import CopyAnswer
from jobs.truth import Truth, now

_SHOWN = 80
"""Characters of a text that a message repeats."""

Check = Callable[[str], str]
"""Why a text cannot be used, as the end of a sentence that begins with its name; empty if it can."""


def _fine(text: str) -> str:
    return ""


@dataclass(frozen=True)
class _Asking:
    """What is asked for, of whom, and what is said of it in messages."""

    copy: Copy
    endpoint: Endpoint
    check: Check
    key: str
    """Of the job file."""


def write(
    requests: Sequence[CopyRequest], copy: Copy, desk: Desk, *, check: Check | None = None, key: str = "copy"
) -> dict[str, dict[str, str]]:
    """The texts of each request, by its key and their names; those that the request gives are not among them.

    A desk that may not ask, or has no endpoint, gives those that are known; the others are missing. Put what it gives
    into the spec as `written`: then they are part of the job. `check`: why a text cannot be used besides. `key`: where
    the job file asks for them.

    Raises: FieldProblem at the text that the model gets wrong time after time, or if two requests of one key differ;
    AccessDenied, ConfigError, ServiceUnavailable of the endpoint; StorageUnavailable.
    """
    asked = [request for request in _once(requests) if request.wanted(copy)]
    written = {request.key: _known(request, copy, desk) for request in asked}
    missing = [request for request in asked if written[request.key] is None]
    if missing and desk.may_ask and desk.config.copy_url is not None:
        asking = _Asking(copy, Endpoint(desk.config), check or _fine, key)
        for found, texts in _answers(missing, asking, desk):
            written[found] = texts
            desk.report(sum(texts is not None for texts in written.values()), len(written))
    return {found: texts for found, texts in written.items() if texts is not None}


def _answers(missing: Sequence[CopyRequest], asking: _Asking, desk: Desk) -> Iterator[tuple[str, dict[str, str]]]:
    """Each request's key and texts, as they come. After the first failure, or an interrupt, nothing more is asked."""
    with ThreadPoolExecutor(desk.config.copy_threads, thread_name_prefix="copy") as pool:
        asked = {pool.submit(_asked, request, asking, desk): request.key for request in missing}
        try:
            for future in as_completed(asked):
                yield asked[future], future.result()
        except BaseException:
            asking.endpoint.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def note(requests: Sequence[CopyRequest], copy: Copy, config: Settings) -> str | None:
    """What people should know of the texts that are not written: for a plan's notes. None if they all are."""
    missing = [request for request in _once(requests) if _written(request, copy) is None]
    texts = sum(len(request.wanted(copy)) for request in missing)
    if not texts:
        return None
    some = f"{texts:,} text{'s' if texts > 1 else ''}"
    if config.copy_url is None:
        return f"copy: {some} are not written, for no endpoint is set (ATELIER_COPY_URL); the template's own are used"
    questions = f"{len(missing):,} question{'s' if len(missing) > 1 else ''}"
    return f"copy: {some} would be asked of {config.copy_model} on submission, in {questions}; they are part of the job"


def _once(requests: Sequence[CopyRequest]) -> list[CopyRequest]:
    """Each key's request, once. Raises: FieldProblem if two of one key differ: their texts could not be told apart."""
    found: dict[str, CopyRequest] = {}
    for request in requests:
        if found.setdefault(request.key, request) != request:
            raise FieldProblem(
                "copy",
                f"copy: {request.who} stands there twice and differs; describe it alike, or name another audience",
            )
    return list(found.values())


def _written(request: CopyRequest, copy: Copy) -> dict[str, str] | None:
    """The request's texts as the job file has them; None unless it has them all."""
    there, wanted = copy.written.get(request.key, {}), request.wanted(copy)
    return {name: there[name] for name in wanted} if wanted.keys() <= there.keys() else None


def _known(request: CopyRequest, copy: Copy, desk: Desk) -> dict[str, str] | None:
    """The request's texts without asking anybody."""
    if (there := _written(request, copy)) is not None:
        return there
    if desk.config.copy_model is None:
        return None
    answer = desk.truth.copy_answer(request.digest(copy, desk.config.copy_model))
    return None if answer is None else answer.texts


def _asked(request: CopyRequest, asking: _Asking, desk: Desk) -> dict[str, str]:
    """The request's texts, asked for and kept. Of two submitters' answers the one that was kept first counts."""
    texts, tries = _obeyed(request, asking)
    model = str(desk.config.copy_model)
    answer = CopyAnswer(
        model=model, audience=request.audience, locale=request.locale, texts=texts, tries=tries, asked_at=now()
    )
    return _kept(answer, request.digest(asking.copy, model), desk.truth)


def _kept(answer: CopyAnswer, digest: str, truth: Truth) -> dict[str, str]:
    truth.put_copy_answer(digest, answer)
    first = truth.copy_answer(digest)
    return (first or answer).texts


def _obeyed(request: CopyRequest, asking: _Asking) -> tuple[dict[str, str], int]:
    """Texts without anything wrong with them, and after how many tries.

    Raises: FieldProblem after the last try, naming what came nearest.
    """
    copy, wanted = asking.copy, request.wanted(asking.copy)
    base = request.messages(copy)
    right: dict[str, str] = {}
    nearest: dict[str, tuple[str, str]] = {}
    messages, problem = base, ""
    for attempt in range(1, copy.tries + 1):
        said = asking.endpoint.ask(messages, list(wanted), seed=copy.seed)
        complaints: list[str] = []
        try:
            texts = texts_of(said.content, wanted)
        except Unusable as error:
            problem = "the answer was cut off for its length" if said.is_cut else str(error)
            complaints, texts = [problem], {}
        for name, text in texts.items():
            if name in right:
                continue
            if not (why := wrong(text, wanted[name], copy, request.locale) or asking.check(text)):
                right[name] = text
                continue
            complaints.append(f"{name} {why}")
            if name not in nearest or count(text) <= count(nearest[name][1]):
                nearest[name] = why, text
        if len(right) == len(wanted):
            return {name: right[name] for name in wanted}, attempt
        messages = again(base, said.content, complaints)
    raise _gave_up(request, asking, [name for name in wanted if name not in right], nearest, problem)


def _gave_up(
    request: CopyRequest, asking: _Asking, missing: list[str], nearest: dict[str, tuple[str, str]], problem: str
) -> FieldProblem:
    key, most = asking.key, asking.copy.tries
    times = f"{most} tries" if most > 1 else "1 try"
    name = next((name for name in missing if name in nearest), missing[0])
    if name not in nearest:
        return FieldProblem(
            (key,), f"{key}: {request.who}: {name} was not written in {times}: {problem}; try another model"
        )
    why, text = nearest[name]
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    advice = "loosen its limits, raise tries, or write the text yourself"
    return FieldProblem((key, "texts", name), f"{key}: {request.who}: after {times} {name} {why} (“{shown}”); {advice}")
