"""One Celery message in the parent's hands: how it is acknowledged when Redis is away, and what a death is made of.

kombu's Redis transport counts a message as delivered until its acknowledgement has reached Redis. If Redis was killed
in that moment and is back before the consumer notices, the message counts for ever, no other fits beside it, and the
worker is deaf (Celery 5.7, kombu 5.7). Here it stops counting whether Redis heard of it or not: what Redis still takes
for unacknowledged comes back after the visibility timeout, to be told that it is done, and the reconciler publishes
again what was lost.
"""

from __future__ import annotations

import logging
from typing import Any

from billiard.einfo import ExceptionWithTraceback
from billiard.exceptions import WorkerLostError
from celery.worker import request
from kombu.transport import virtual

from pipeline.errors import AtelierError
from workers import deaths

log = logging.getLogger(__name__)


class Request(request.Request):
    """Of both our tasks."""

    def acknowledge(self) -> None:
        """Take the message out of Redis; make room for the next one even if Redis is away."""
        try:
            super().acknowledge()
        finally:
            self._make_room()

    def reject(self, requeue: bool = False) -> None:
        """The same for a message that was not dealt with."""
        try:
            super().reject(requeue=requeue)
        finally:
            self._make_room()

    def _make_room(self) -> None:
        message = self.message
        if not message.acknowledged and isinstance(qos := message.channel.qos, virtual.QoS):
            log.warning("Redis did not hear that a message was dealt with; it comes again and is then known")
            virtual.QoS.ack(qos, message.delivery_tag)

    def on_failure(self, exc_info: Any, send_failed_event: bool = True, return_ok: bool = False) -> Any:
        """Report a death, then leave the rest to Celery."""
        error = exc_info.exception
        # billiard wraps what it raises itself.
        error = error.exc if isinstance(error, ExceptionWithTraceback) else error
        if isinstance(error, WorkerLostError):
            try:
                deaths.report(self.task.name, list(self.args), deaths.cause(str(error)))
            except AtelierError as error:
                log.warning("a death was not reported: %s; the reconciler notices it", error)
        return super().on_failure(exc_info, send_failed_event=send_failed_event, return_ok=return_ok)
