#!/bin/sh
# Starts Redis with the password that is in the file REDIS_PASSWORD_FILE. It never stands on a command line, which every
# user of the machine can read in `ps`, nor in the environment. Arguments go to redis-server.
set -eu

: "${REDIS_PASSWORD_FILE:?names the file with the password of Redis; deploy/secrets.sh makes one}"
password=$(cat "$REDIS_PASSWORD_FILE")
: "${password:?is empty in $REDIS_PASSWORD_FILE; write the password of Redis into it}"

config="${TMPDIR:-/tmp}/redis.conf"
umask 077
{
    cat "$(dirname "$0")/redis.conf"
    # Within quotes, a backslash and a quote are special to Redis. printf is built into the shell: `ps` does not see it.
    printf 'requirepass "%s"\n' "$(printf '%s' "$password" | sed 's/[\\"]/\\&/g')"
} >"$config"

exec redis-server "$config" "$@"
