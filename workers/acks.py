"""Acknowledgements that Redis does not hear, made harmless.

kombu's Redis transport counts a message as delivered until its acknowledgement has reached Redis. If Redis was killed
in that moment and is back before the consumer notices, the message counts for ever, no other fits beside it, and the
worker is deaf (Celery 5.7, kombu 5.7). Here it stops counting whether Redis heard of it or not: what Redis still takes
for unacknowledged comes back after the visibility timeout, to be told that it is done, and the reconciler publishes
again what was lost.
"""

from __future__ import annotations

from kombu.transport import redis, virtual


class ForgivingQoS(redis.QoS):
    """What kombu knows of messages that were delivered and not acknowledged."""

    def ack(self, delivery_tag: str) -> None:
        """Take a message out of Redis, and make room for the next one even if Redis is away."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """The same for a message that was not dealt with."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


def install() -> None:
    """Let every channel of this process be a forgiving one."""
    redis.Channel.QoS = ForgivingQoS
