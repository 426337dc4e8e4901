#!/bin/sh
# Starts the pod's Redis. A pod has another address after each restart, and members that all come back with new ones
# never find each other: so every line of nodes.conf first gets the address that its host name has now.
# Further arguments are options of valkey-server.
set -eu

: "${POD_NAME:?}" "${POD_IP:?}" "${POD_NAMESPACE:?}"
data=${REDIS_DATA:-/data}
users=${REDIS_USERS:-/etc/redis-users}
conf=${REDIS_CONF:-/etc/redis-pod/redis.conf}
domain=${REDIS_SERVICE:-redis-cluster-headless}.$POD_NAMESPACE.svc.cluster.local
host=$POD_NAME.$domain
nodes=$data/nodes.conf

address_of() {
    if [ "$1" = "$host" ]; then
        echo "$POD_IP"
    else
        # Nobody may wait for a name that has no address yet: the healer meets its pod later.
        # shellcheck disable=SC2086 # a command and its first arguments
        ${REDIS_RESOLVE:-getent hosts} "$1" 2>/dev/null | awk '{ print $1; exit }'
    fi
}

if [ -s "$nodes" ]; then
    cp "$nodes" "$nodes.new"
    # Second field: address:port@bus,hostname and, since Redis 7.2, more after another comma.
    awk '$2 ~ /,/ { split($2, part, ","); if (part[2] != "") print part[2] }' "$nodes" | sort -u >"$nodes.names"
    while read -r name; do
        case $name in
        *."$domain") ;;
        *) continue ;;
        esac
        address=$(address_of "$name")
        [ -n "$address" ] || continue
        pattern=$(echo "$name" | sed 's/\./\\./g')
        sed -E "s/^([0-9a-f]{40}) [^ ]*:([0-9]+@[0-9]+,${pattern}[, ])/\1 $address:\2/" "$nodes.new" >"$nodes.rewritten"
        mv "$nodes.rewritten" "$nodes.new"
    done <"$nodes.names"
    rm "$nodes.names"
    mv "$nodes.new" "$nodes"
fi

# The password goes through standard input ("-"): the list of processes must not show it.
exec valkey-server "$conf" \
    --dir "$data" \
    --cluster-announce-ip "$POD_IP" \
    --replica-announce-ip "$POD_IP" \
    --cluster-announce-hostname "$host" \
    "$@" - <<EOT
masterauth $(head -n 1 "$users/repl")
EOT
