#!/bin/sh
# Before a master goes, its best replica takes over: clients wait for a tenth of a second instead of a failover.
# Always ends well: what cannot be handed over falls to the others when the server is gone.
set -u

users=${REDIS_USERS:-/etc/redis-users}
port=${REDIS_PORT:-6379}
host=${REDIS_HOST:-127.0.0.1}
limit_seconds=${REDIS_HANDOVER_SECONDS:-20}
REDISCLI_AUTH=$(head -n 1 "$users/admin")
export REDISCLI_AUTH

ask() {
    server=$1
    shift
    valkey-cli --no-auth-warning --user admin -h "$server" -p "$port" \
        --tls --cacert "${REDIS_TLS:-/etc/redis/tls}/ca.crt" "$@" 2>&1 | tr -d '\r'
}

# slave0:ip=10.0.0.1,port=6379,state=online,offset=1234,lag=0
best_replica() {
    ask "$host" INFO replication | awk '
        /^slave[0-9]+:/ && /state=online/ {
            address = offset = ""
            sub(/^slave[0-9]+:/, "")
            count = split($0, pairs, ",")
            for (i = 1; i <= count; i++) {
                cut = index(pairs[i], "=")
                key = substr(pairs[i], 1, cut - 1)
                value = substr(pairs[i], cut + 1)
                if (key == "ip") address = value
                if (key == "offset") offset = value + 0
            }
            if (best == "" || offset > most) { best = address; most = offset }
        }
        END { print best }
    '
}

is_master() {
    ask "$host" INFO replication | grep -q '^role:master'
}

case $(ask "$host" INFO replication) in
*role:master*) ;;
*role:slave*) exit 0 ;;
*)
    echo "the server does not say whether it is a master: nothing is handed over" >&2
    exit 0
    ;;
esac
replica=$(best_replica)
if [ -z "$replica" ]; then
    echo "no replica is online: nothing to hand over to" >&2
    exit 0
fi
began=$(date +%s)
again=$began
while is_master; do
    now=$(date +%s)
    # A replica gives up after 5 s, and has to where it has been elected a moment ago: ask it anew.
    if [ "$now" -ge "$again" ]; then
        echo "hand over to $replica: $(ask "$replica" CLUSTER FAILOVER)"
        again=$((now + 6))
    fi
    if [ "$now" -ge $((began + limit_seconds)) ]; then
        echo "$replica has not taken over in $limit_seconds s" >&2
        exit 0
    fi
    sleep 0.02
done
