#!/usr/bin/env bash
# Init container: renders my.cnf for this pod and, on an empty volume, makes the data directory with the accounts that a
# member needs before it can join. May run any number of times; what is complete is left alone.
set -euo pipefail

pod=${POD_NAME:?}
files=${MYSQL_POD:-/etc/mysql-pod}
rendered=${MYSQL_RENDERED:-/etc/mysql-rendered}
data=${MYSQL_DATA:-/var/lib/mysql}
run=${MYSQL_RUN:-/var/run/mysqld}
tls=${MYSQL_TLS:-/etc/mysql/tls}
users=${MYSQL_USERS:-/etc/mysql-users}
bind=${MYSQL_BIND:-*}
system_user=${MYSQL_SYSTEM_USER:-mysql} # whom the kernel names on the other side of the socket
pattern=${MYSQL_HOST_PATTERN:-"{pod}.${MYSQL_SERVICE:-mysql-headless}.${POD_NAMESPACE:-}.svc.cluster.local"}
ordinal=${pod##*-}
# The step is for members that share an address.
port=$((${MYSQL_PORT:-3306} + ordinal * ${MYSQL_PORT_STEP:-0}))
host=${pattern//\{pod\}/$pod}
options=$rendered/my.cnf
socket=$run/init.sock
marker=$data/.initialized

say() { echo "mysql-init: $*"; }

sed -e "s|@DATA@|$data|g" -e "s|@RUN@|$run|g" -e "s|@TLS@|$tls|g" -e "s|@BIND@|$bind|g" -e "s|@HOST@|$host|g" \
    -e "s|@PORT@|$port|g" -e "s|@SERVER_ID@|$((100 + ordinal))|g" -e "s|@GROUP@|${MYSQL_GROUP:?}|g" \
    "$files/my.cnf" >"$options.new"
mv "$options.new" "$options"

if [[ -e $marker ]]; then
    say "the data directory is complete"
    exit 0
fi
if [[ -d $data/mysql ]]; then
    # Without the marker no member ever ran on it: the marker is the last thing that is written.
    say "the data directory is half made; it is made anew"
    find "$data" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
fi

# A password as a string of SQL.
password() {
    printf "'%s'" "$(sed -e 's/\\/\\\\/g' -e "s/'/''/g" "$users/$1")"
}

sql() { mysql --no-defaults --user=root --socket="$socket" --batch --skip-column-names; }

mysqld --defaults-file="$options" --initialize-insecure
# Without the network nobody can meet a server that has no passwords yet; with super_read_only on, not even root may
# change its own.
mysqld --defaults-file="$options" --skip-networking --super-read-only=OFF --socket="$socket" \
    --pid-file="$run/init.pid" --log-error="$data/init.log" --daemonize

{
    # First: what follows must stay out of the binary log, or the member could never join a group.
    echo "SET sql_log_bin = 0;"
    echo "CREATE USER agent@localhost IDENTIFIED WITH auth_socket AS '$system_user';"
    echo "GRANT ALL ON *.* TO agent@localhost WITH GRANT OPTION;"
    echo "CREATE USER probe@localhost IDENTIFIED WITH auth_socket AS '$system_user';"
    echo "GRANT SELECT ON performance_schema.* TO probe@localhost;"
    # A member tests its own address with this account before it joins, and members ask each other as the next.
    echo "CREATE USER gr_repl@'%' IDENTIFIED BY $(password gr_repl) REQUIRE SSL;"
    echo "GRANT REPLICATION SLAVE, BACKUP_ADMIN, GROUP_REPLICATION_STREAM, CONNECTION_ADMIN ON *.* TO gr_repl@'%';"
    # CONNECTION_ADMIN: a member that left its group is in offline mode, and must be seen to be so.
    echo "CREATE USER monitor@'%' IDENTIFIED BY $(password monitor) REQUIRE SSL;"
    echo "GRANT REPLICATION CLIENT, CONNECTION_ADMIN ON *.* TO monitor@'%';"
    echo "GRANT SELECT ON performance_schema.* TO monitor@'%';"
    echo "DROP USER IF EXISTS root@'%';"
    echo "ALTER USER root@localhost IDENTIFIED BY $(password root);"
} | sql

login=$run/init.cnf
(umask 077 && printf '[client]\nuser=root\npassword="%s"\n' "$(cat "$users/root")" >"$login")
trap 'rm -f "$login"' EXIT
as_root() { mysql --defaults-file="$login" --socket="$socket" --batch --skip-column-names "$@"; }

if command -v mysql_tzinfo_to_sql >/dev/null && [[ -d /usr/share/zoneinfo ]]; then
    { echo "SET sql_log_bin = 0;" && mysql_tzinfo_to_sql /usr/share/zoneinfo 2>/dev/null; } | as_root mysql
fi

if [[ -n $(as_root --execute="SELECT @@GLOBAL.gtid_executed") ]]; then
    say "transactions of its own are dropped"
    as_root --execute="RESET BINARY LOGS AND GTIDS"
fi

mysqladmin --defaults-file="$login" --socket="$socket" shutdown
# The server removes this file at the very end of its shutdown.
for _ in $(seq 300); do
    [[ -e $run/init.pid ]] || break
    sleep 0.2
done
[[ ! -e $run/init.pid ]] || { say "the first server does not end" && exit 1; }
touch "$marker"
sync "$marker"
say "the data directory is made"
