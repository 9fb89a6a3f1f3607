#!/bin/sh
# Starts Redis with the password in REDISCLI_AUTH, where redis-cli finds it too. It never stands on a command line, which
# every user of the machine can read in `ps`. Arguments go to redis-server.
set -eu

: "${REDISCLI_AUTH:?holds the password of Redis; set ATELIER_REDIS_PASSWORD in .env}"

config="${TMPDIR:-/tmp}/redis.conf"
umask 077
{
    cat "$(dirname "$0")/redis.conf"
    # Within quotes, a backslash and a quote are special to Redis. printf is built into the shell: `ps` does not see it.
    printf 'requirepass "%s"\n' "$(printf '%s' "$REDISCLI_AUTH" | sed 's/[\\"]/\\&/g')"
} >"$config"

exec redis-server "$config" "$@"
