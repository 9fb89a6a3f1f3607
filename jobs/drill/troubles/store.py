"""The store misbehaves: through the proxy that stands between the drill's machines and their S3 server."""

from __future__ import annotations

import secrets

from jobs.drill.faults import Act, Fault, cut_answer, cut_request, never_answer, refuse
from jobs.drill.scene import Scene, Story
from jobs.truth import Truth
from pipeline.storage.s3_client import make_client

_LASTS_S = (0.5, 4.0)
_SHARES = (0.3, 0.7, 1.0)
"""Of the requests that come meanwhile: an outage is rarely a clean one."""
_PART_BYTES = 5 << 20


def error_500(scene: Scene) -> Story:
    """Internal errors."""
    yield from _refuse(scene, 500, "InternalError")


def error_503(scene: Scene) -> Story:
    """Unavailable."""
    yield from _refuse(scene, 503, "ServiceUnavailable")


def slow_down(scene: Scene) -> Story:
    """S3's request for patience."""
    yield from _refuse(scene, 503, "SlowDown")


def _refuse(scene: Scene, status: int, code: str) -> Story:
    share = scene.rng.choice(_SHARES)
    yield from _misbehave(scene, refuse(status, code), share, f"{status} {code}")


def timeout(scene: Scene) -> Story:
    """Requests that hang, and whose connections then break."""
    hang = scene.rng.uniform(0.5, 2.0)
    yield from _misbehave(scene, never_answer(hang), scene.rng.choice((0.2, 0.5)), f"{hang:.1f} s of silence")


def truncated(scene: Scene) -> Story:
    """Answers that break off in the middle, though the server did as asked; a put's is lost altogether."""
    yield from _misbehave(scene, cut_answer, scene.rng.choice((0.2, 0.4)), "answers cut short")


def _misbehave(scene: Scene, act: Act, share: float, what: str) -> Story:
    proxy = scene.farm.proxy
    assert proxy is not None, "the table says that it needs a store behind the proxy"
    lasts = scene.rng.uniform(*_LASTS_S)
    fault = Fault(act, share=share, seed=scene.rng.getrandbits(32))
    scene.strike("")
    with proxy.misbehaving(fault):
        yield from scene.pause(lasts)
    scene.what = f"{what}, for {share:.0%} of the requests during {lasts:.1f} s: {fault.met} met"
    if not fault.met:
        scene.miss()
        return
    yield from scene.moves()


def half_multipart(scene: Scene) -> Story:
    """An upload in parts that is never completed, in the place of a frame to be; and puts cut in the middle."""
    proxy = scene.farm.proxy
    assert proxy is not None, "the table says that it needs a store behind the proxy"
    client = make_client(scene.farm.config.store_options())
    bucket, _, prefix = scene.farm.config.store.removeprefix("s3://").rstrip("/").partition("/")
    chunk = scene.rng.randrange(len(scene.plan.chunks))
    key = f"{Truth.attempt(scene.plan.job, chunk, 0)}/{scene.plan.kept}-{scene.plan.chunks[chunk][0]:08d}.png"
    where = {"Bucket": bucket, "Key": f"{prefix}/{key}".lstrip("/")}
    scene.strike("")
    upload = client.create_multipart_upload(**where)["UploadId"]
    try:
        client.upload_part(PartNumber=1, UploadId=upload, Body=secrets.token_bytes(_PART_BYTES), **where)
        fault = Fault(cut_request, most=scene.rng.randint(1, 4), methods="PUT")
        with proxy.misbehaving(fault):
            yield from scene.until(lambda: not fault.has_more)
        scene.what = f"a part of chunk {chunk}'s first frame uploaded and left; {fault.met} puts cut in the middle"
        yield from scene.moves()
        while not scene.over:
            yield
    finally:
        client.abort_multipart_upload(UploadId=upload, **where)
        client.close()


def full(scene: Scene) -> Story:
    """No room in the store, for one or two writes."""
    proxy = scene.farm.proxy
    assert proxy is not None, "the table says that it needs a store behind the proxy"
    fault = Fault(refuse(507, "InsufficientStorage"), most=scene.rng.randint(1, 2), methods="PUT POST")
    scene.strike("")
    with proxy.misbehaving(fault):
        yield from scene.until(lambda: not fault.has_more)
    scene.what = f"{fault.met} writes refused with 507, as by a store that is full"
    if not fault.met:
        scene.miss()
        return
    yield from scene.moves()
