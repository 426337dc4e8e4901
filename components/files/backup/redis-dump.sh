#!/usr/bin/env bash
# One RDB file of each master's data, taken from a replica of it (a master only where it has none that is in step):
# every slot is in one of the files, or nothing is left and the Job fails.
set -euo pipefail

folder=${BACKUP_FOLDER:?}
options=(--user "${REDIS_USER:?}" --no-auth-warning)
[[ -z ${REDIS_CA:-} ]] || options+=(--tls --cacert "$REDIS_CA")
REDISCLI_AUTH=$(<"${REDIS_PASSWORD_FILE:?}")
export REDISCLI_AUTH

ask() { valkey-cli -h "$1" -p "$2" "${options[@]}" "${@:3}"; }

# Lines as: id host:port@bus[,hostname] flags master ping pong epoch link slots...
nodes=$(ask "${REDIS_HOST:?}" "${REDIS_PORT:-6379}" cluster nodes)
[[ -n $nodes ]] || { echo "redis: no node answers" >&2 && exit 1; }

# host and port of the best node of a master's: a connected replica, else itself.
source_of() {
    awk -v master="$1" '
        $3 ~ /fail|handshake|noaddr/ || $8 != "connected" { next }
        $4 == master && $3 ~ /slave/ { replica = $2 }
        $1 == master { own = $2 }
        END { print (replica != "" ? replica : own) }
    ' <<<"$nodes"
}

rm -rf "${folder:?}"/*
count=0 covered=0
while read -r id slots; do
    address=$(source_of "$id")
    [[ -n $address ]] || { echo "redis: nobody answers for $slots slots of $id" >&2 && exit 1; }
    name=${address#*,} port=${address%%@*}
    [[ $name != "$address" ]] || name=
    name=${name%%,*} # more may follow the host name
    [[ -n $name ]] || name=${port%:*}
    port=${port##*:}
    ask "$name" "$port" --rdb "$folder/$id.rdb" >"$folder/$id.log" 2>&1 ||
        { cat "$folder/$id.log" >&2 && exit 1; }
    rm -f "$folder/$id.log"
    # An RDB file begins with its name and ends with a checksum; a broken transfer has neither.
    [[ $(head -c 5 "$folder/$id.rdb") == REDIS ]] || { echo "redis: $name sent no RDB file" >&2 && exit 1; }
    echo "redis: $slots slots of $id from $name"
    count=$((count + 1)) covered=$((covered + slots))
done < <(
    awk '$3 ~ /master/ && $3 !~ /fail|handshake|noaddr/ {
        slots = 0
        for (i = 9; i <= NF; i++) {
            if ($i ~ /^\[/) continue
            n = split($i, ends, "-")
            slots += (n == 2 ? ends[2] - ends[1] + 1 : 1)
        }
        if (slots > 0) print $1, slots
    }' <<<"$nodes"
)
((covered == 16384)) || { echo "redis: only $covered of 16384 slots have a master" >&2 && exit 1; }
printf '%s\n' "$nodes" >"$folder/nodes.txt"
echo "redis: $count files"
