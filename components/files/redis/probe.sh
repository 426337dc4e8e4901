#!/bin/sh
# probe.sh startup|liveness|readiness: what the kubelet asks of the pod's Redis.
set -eu

users=${REDIS_USERS:-/etc/redis-users}
REDISCLI_AUTH=$(head -n 1 "$users/exporter")
export REDISCLI_AUTH

ask() {
    valkey-cli --no-auth-warning --user exporter -h "${REDIS_HOST:-127.0.0.1}" -p "${REDIS_PORT:-6379}" \
        --tls --cacert "${REDIS_TLS:-/etc/redis/tls}/ca.crt" "$@" 2>&1 | tr -d '\r'
}

refuse() {
    echo "$1" >&2
    exit 1
}

answer=$(ask PING)
case ${1:-} in
startup | liveness)
    # A server that loads its data, or a replica whose master is away, lives.
    case $answer in
    PONG | LOADING* | MASTERDOWN*) exit 0 ;;
    esac
    refuse "$answer"
    ;;
readiness) ;;
*) refuse "usage: probe.sh startup|liveness|readiness" ;;
esac

[ "$answer" = PONG ] || refuse "$answer"
replication=$(ask INFO replication)
cluster=$(ask CLUSTER INFO)
case $cluster in
*cluster_known_nodes:1[!0-9]*) exit 0 ;; # not yet in a cluster: the bootstrap Job waits for the pod
esac
case $replication in
*role:slave*)
    case $replication in
    *master_link_status:up*) exit 0 ;;
    esac
    refuse "the link to the master is down"
    ;;
esac
case $cluster in
*cluster_state:ok*) ;;
*) refuse "the cluster is not ok" ;;
esac
# For some seconds after a start the state is ok although nobody has answered yet: most masters must be connected.
ask CLUSTER NODES | awk '
    $3 ~ /master/ && NF > 8 { masters++ }
    $3 ~ /master/ && NF > 8 && $3 !~ /fail/ && ($3 ~ /myself/ || $8 == "connected") { seen++ }
    END { exit !(2 * seen > masters) }
' || refuse "fewer than half of the masters are connected"
