#!/bin/sh
# Backs the audit log up, restores the copy elsewhere, and verifies it against checkpoints that were shipped before the backup.
# Run it every quarter, on the real log, as the service's user: the service may run meanwhile, and nothing of it is changed, nor of what
# /metrics tells of the last verification.
#
#   drill.sh CHECKPOINTS FOLDER
#
# CHECKPOINTS is the checkpoint file as it was kept elsewhere, FOLDER is where the backup goes. The log is the one that PNCDS_DATA_DIR and
# PNCDS_DATABASE_URL name, as for the service. DRILL_URL may name an empty database on another PostgreSQL to restore to (postgresql://...);
# otherwise one is made beside the first and removed at the end, which takes the right to create databases.
# Keep passwords in ~/.pgpass and out of the addresses: those show in the list of processes.
# Exit codes: those of `audit verify` (1 when the copy lacks what a checkpoint signed; 2 also for a folder or file that cannot be used), or that of
# the step that failed.
set -eu
checkpoints=$1 folder=$2
program=${PROGRAM:-pinched-nerve-cds}
data=${PNCDS_DATA_DIR:?where the public key of the audit log lies}
url=${PNCDS_DATABASE_URL:-}
umask 077
if ! mkdir -p "$folder" 2>/dev/null || ! [ -w "$folder" ]; then
    echo "$(id -un) cannot write to $folder: make it once, as root, with install -d -o $(id -un) -m 0700 $folder" >&2
    exit 2
fi
if ! [ -r "$checkpoints" ]; then
    echo "$(id -un) cannot read the checkpoints in $checkpoints" >&2
    exit 2
fi

timed() { # WHAT COMMAND...
    what=$1 begun=$(date +%s%N)
    shift
    "$@"
    echo "$what: $((($(date +%s%N) - begun) / 1000000)) ms"
}

sql() { # URL STATEMENT
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname="$1" --command="$2"
}

verify() { # with the settings of the restored copy
    $program audit verify --public-key "$data/audit-public-key.pem" --checkpoints "$checkpoints" "$@"
}

case $url in
postgresql*)
    log=$(printf %s "$url" | sed 's/^postgresql+psycopg:/postgresql:/')
    copy=${DRILL_URL:-}
    if [ -z "$copy" ]; then
        scratch=pncds_drill_$$
        copy=$(printf %s "$log" | sed -E "s#^(postgresql://[^/?]*/)[^?]*#\1$scratch#")
        sql "$log" "CREATE DATABASE $scratch"
        trap 'sql "$log" "DROP DATABASE $scratch"' EXIT
    fi
    timed "backed up" pg_dump --format=custom --file="$folder/audit.dump" --dbname="$log"
    timed "restored" pg_restore --exit-on-error --no-owner --no-privileges --dbname="$copy" "$folder/audit.dump"
    du -h "$folder/audit.dump"
    PNCDS_DATABASE_URL=postgresql+psycopg:${copy#postgresql:}
    export PNCDS_DATABASE_URL
    timed "verified" verify
    ;;
*)
    file=$data/audit.sqlite3
    case $url in sqlite:///*) file=${url#sqlite:///} ;; esac
    rm -f "$folder/audit.sqlite3"
    timed "backed up" sqlite3 "$file" ".timeout 10000" ".backup '$folder/audit.sqlite3'"
    timed "restored" cp "$folder/audit.sqlite3" "$folder/restored.sqlite3"
    du -h "$folder/audit.sqlite3"
    timed "verified" verify "$folder/restored.sqlite3"
    rm -f "$folder/restored.sqlite3"
    ;;
esac
