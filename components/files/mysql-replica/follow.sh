#!/usr/bin/env bash
# Follows another region's data: copies all of it once, onto an empty server, then takes every transaction after it. Any
# call may be repeated. A server on which somebody has switched super_read_only off has been promoted: it is left alone.
set -uo pipefail

source=${SOURCE_HOST:?}
port=${SOURCE_PORT:-3306}
run=${MYSQL_RUN:-/var/run/mysqld}
users=${MYSQL_USERS:-/etc/mysql-users}
pause=${FOLLOW_PAUSE:-10}
readonly CHANNEL=dr
readonly CHANNELS="SELECT COUNT(*) FROM performance_schema.replication_connection_configuration
    WHERE channel_name = '$CHANNEL'"

say() { echo "mysql-follow: $*"; }

# SQL comes by the standard input: a password in an argument could be read in the list of processes.
sql() {
    mysql --no-defaults --user=agent --socket="$run/mysqld.sock" --connect-timeout=5 --batch --skip-column-names
}

ask() { sql <<<"$1" 2>/dev/null; }

password() {
    printf "'%s'" "$(sed -e 's/\\/\\\\/g' -e "s/'/''/g" "$users/gr_repl")"
}

copy() {
    say "the server is empty and takes a copy of $source"
    # The server ends itself afterwards, and the kubelet starts it again with the copy.
    sql <<SQL
SET GLOBAL clone_valid_donor_list = '$source:$port';
CLONE INSTANCE FROM 'gr_repl'@'$source':$port IDENTIFIED BY $(password) REQUIRE SSL;
SQL
}

follow() {
    local stop=
    say "transactions of $source are taken"
    if [[ $(ask "$CHANNELS") == 1 ]]; then
        stop="STOP REPLICA FOR CHANNEL '$CHANNEL';"
    fi
    # The password stays in memory: with START it is written nowhere.
    sql <<SQL
$stop
CHANGE REPLICATION SOURCE TO SOURCE_HOST = '$source', SOURCE_PORT = $port, SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1,
    SOURCE_CONNECT_RETRY = 10, SOURCE_RETRY_COUNT = 86400 FOR CHANNEL '$CHANNEL';
START REPLICA USER = 'gr_repl' PASSWORD = $(password) FOR CHANNEL '$CHANNEL';
SQL
}

step() {
    local read_only executed following
    read_only=$(ask "SELECT @@GLOBAL.super_read_only") || return 0
    [[ $read_only == 1 ]] || return 0
    executed=$(ask "SELECT @@GLOBAL.gtid_executed") || return 0
    if [[ -z $executed ]]; then
        copy
        return
    fi
    # CONNECTING is a state too: the server itself asks again every ten seconds.
    following=$(ask "SELECT COUNT(*) FROM performance_schema.replication_connection_configuration AS channel
        JOIN performance_schema.replication_connection_status AS receiver USING (channel_name)
        JOIN performance_schema.replication_applier_status AS applier USING (channel_name)
        WHERE channel_name = '$CHANNEL' AND channel.host = '$source' AND channel.port = $port
          AND applier.service_state = 'ON' AND receiver.service_state <> 'OFF' AND receiver.last_error_number <> 1045")
    [[ $following == 1 ]] || follow
}

while true; do
    step || say "another try in $pause s"
    sleep "$pause"
done
