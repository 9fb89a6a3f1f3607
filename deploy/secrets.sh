#!/bin/sh
# Makes the secrets of a deployment in ./secrets (or the folder given), random; keeps those that are there.
#
#   deploy/secrets.sh [FOLDER]
#
# The folder is its owner's alone. The files in it may be read by all, for each container has a user of its own and Docker
# mounts files with the rights that they have here: what protects them on this machine is the folder.
set -eu

folder=${1:-secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

# Random letters and digits: as many as asked for.
random() {
    LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom | head -c "$1"
}

# Write standard input to a file, unless it is there.
keep() {
    if [ -s "$folder/$1" ]; then
        cat >/dev/null
        echo "$folder/$1: kept" >&2
    else
        cat >"$folder/.new"
        chmod 444 "$folder/.new"
        mv "$folder/.new" "$folder/$1"
        echo "$folder/$1: made" >&2
    fi
}

# A value that two files hold, from the first of them that is there and has it: what is made again fits what is kept.
# Takes FILE PATTERN FILE PATTERN.
value() {
    for _ in 1 2; do
        if [ -s "$folder/$1" ]; then
            found=$(sed -n -E "s/$2/\\1/p" "$folder/$1" | head -n 1)
            if [ -n "$found" ]; then
                printf '%s' "$found"
                return
            fi
        fi
        shift 2
    done
    random 40
}

random 48 | keep redis_password
random 48 | keep webhook_secret
random 24 | keep grafana_password

key=$(value aws_credentials '^aws_access_key_id *= *(.*)$' store.json '.*"accessKey": *"([^"]*)".*')
secret=$(value aws_credentials '^aws_secret_access_key *= *(.*)$' store.json '.*"secretKey": *"([^"]*)".*')
printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$key" "$secret" | keep aws_credentials
printf '{"identities": [{"name": "atelier", "credentials": [{"accessKey": "%s", "secretKey": "%s"}],' "$key" "$secret" |
    sed 's/$/ "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}/' | keep store.json

watcher=$(value watcher_token '^(.*)$' web_tokens '.*viewer +watcher +([^ ;]+).*')
printf '%s' "$watcher" | keep watcher_token
printf 'operator me %s\nviewer watcher %s\n' "$(random 40)" "$watcher" | keep web_tokens
