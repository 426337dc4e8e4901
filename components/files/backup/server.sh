#!/usr/bin/env bash
# A MySQL server of its own to restore into: an empty data directory, root without a password, reached over the socket
# alone. Ends like any mysqld, by SIGTERM.
set -euo pipefail

data=${RESTORE_DATA:-/var/lib/mysql}
run=${RESTORE_RUN:-/var/run/mysqld}
marker=$data/.restoring # until the restore is proved
if [[ -e $marker ]]; then
    # What a broken attempt left; nothing of it is anybody's.
    find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
elif [[ -d $data/mysql ]]; then
    echo "restore: $data holds a server's data already; give an empty volume" >&2
    exit 1
fi
touch "$marker"
options=(--no-defaults "--datadir=$data" "--socket=$run/mysqld.sock" "--pid-file=$run/mysqld.pid")
((EUID)) || options+=(--user=root) # never in a pod; drills on a machine of one's own may be root
mysqld "${options[@]}" --initialize-insecure
# What costs time for safety is left out: a server that breaks is restored anew.
exec mysqld "${options[@]}" --skip-networking --mysqlx=OFF --local-infile=ON --server-id=1 \
    --gtid-mode=ON --enforce-gtid-consistency=ON --log-bin=binlog --log-replica-updates=ON \
    --plugin-load-add=auth_socket.so --max-allowed-packet=1G \
    --innodb-flush-log-at-trx-commit=2 --sync-binlog=0 --innodb-buffer-pool-size="${RESTORE_POOL:-1G}" \
    --innodb-redo-log-capacity="${RESTORE_REDO:-2G}" --secure-file-priv=NULL
