#!/usr/bin/env bash
# Before the server stops: hands the writes to another member, takes this pod out of the Services and leaves the group,
# so that the others need not first find out that a member is gone. Never fails and ends after 100 s at the latest.
set -uo pipefail

readonly HAND_OVER_SECONDS=20 CATCH_UP_SECONDS=50 LIMIT_SECONDS=100
readonly SHORT_QUEUE=100 # transactions, applied in a fraction of a second
run=${MYSQL_RUN:-/var/run/mysqld}
account=${KUBE_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
deadline=$((SECONDS + LIMIT_SECONDS))

say() { echo "mysql-prestop: $*"; }

# At most what is left of the time.
sql() {
    local left=$((deadline - SECONDS))
    ((left > 0)) || return 1
    timeout --kill-after=1 "$left" mysql --no-defaults --user=agent --socket="$run/mysqld.sock" --connect-timeout=5 \
        --batch --skip-column-names --execute="SET SESSION group_replication_consistency = EVENTUAL; $1"
}

# The agent reads it: without it, it would take the member back at once.
touch "$run/leaving"

# The best other member and how many transactions it has yet to apply; nothing where this one is no primary.
find_heir() {
    sql "SELECT other.member_id, IFNULL(stats.count_transactions_remote_in_applier_queue, 0) AS waiting
        FROM performance_schema.replication_group_members AS own
        JOIN performance_schema.replication_group_members AS other
        LEFT JOIN performance_schema.replication_group_member_stats AS stats ON stats.member_id = other.member_id
        WHERE own.member_id = @@server_uuid AND own.member_role = 'PRIMARY' AND own.member_state = 'ONLINE'
          AND other.member_id <> own.member_id AND other.member_state = 'ONLINE'
        ORDER BY waiting, other.member_host LIMIT 1"
}

# Nobody can write while the new primary applies what it has queued, so it catches up first, while this one still serves.
while read -r heir waiting < <(find_heir); do
    ((waiting > SHORT_QUEUE && SECONDS < CATCH_UP_SECONDS)) || break
    sleep 0.2
done
if [[ -n ${heir:-} ]]; then
    say "the writes go to $heir"
    # Transactions that are still open after so many seconds are ended.
    sql "SELECT group_replication_set_as_primary('$heir', $HAND_OVER_SECONDS)" || say "the writes were not handed over"
fi

if [[ -r $account/token ]]; then
    curl --silent --show-error --fail --max-time 3 --output /dev/null --cacert "$account/ca.crt" \
        --header "Authorization: Bearer $(cat "$account/token")" \
        --header "Content-Type: application/merge-patch+json" \
        --request PATCH --data '{"metadata":{"labels":{"role":null}}}' \
        "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/$POD_NAMESPACE/pods/$POD_NAME" ||
        say "the label stays until the new primary's agent takes it"
fi

sql "STOP GROUP_REPLICATION" || say "the group was not left in time"
exit 0
