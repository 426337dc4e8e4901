#!/usr/bin/env bash
# Health of this pod's server, asked over the socket: `startup` and `live` hold while it answers at all, `ready` while
# its group counts it ONLINE.
set -euo pipefail

socket=${MYSQL_RUN:-/var/run/mysqld}/mysqld.sock

case ${1:?startup, live or ready} in
startup | live)
    exec mysqladmin --no-defaults --user=probe --socket="$socket" --connect-timeout=9 ping
    ;;
ready)
    # EVENTUAL: a fresh primary holds back reads until it has applied what it had queued.
    state=$(mysql --no-defaults --user=probe --socket="$socket" --connect-timeout=4 --batch --skip-column-names \
        --execute="SET SESSION group_replication_consistency = EVENTUAL; SELECT member_state
                   FROM performance_schema.replication_group_members WHERE member_id = @@server_uuid")
    [[ $state == ONLINE ]] || { echo "the member is ${state:-OFFLINE}" && exit 1; }
    ;;
*)
    echo "probe.sh: $1 is none of startup, live, ready" >&2
    exit 2
    ;;
esac
