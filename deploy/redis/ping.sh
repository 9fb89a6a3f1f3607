#!/bin/sh
# Whether the Redis of this container answers: ends with 0 if so. Arguments go to redis-cli.
set -eu

REDISCLI_AUTH=$(cat "$REDIS_PASSWORD_FILE")
export REDISCLI_AUTH
redis-cli "$@" ping | grep -qx PONG
