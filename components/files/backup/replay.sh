#!/usr/bin/env bash
# Replays fetched binary logs into the server beside it, as one stream: what the dump holds is left out, and the first
# event of the given second or later ends it. Runs where there is `mysqlbinlog`, which MySQL's own image has not.
set -euo pipefail
export TZ=UTC # --stop-datetime is read in the local time zone

folder=${BACKUP_FOLDER:?}
socket=${BACKUP_SOCKET:?}
shopt -s nullglob
logs=("$folder"/logs/[0-9]*)
if ((${#logs[@]} == 0)); then
    echo "replay: no binary log holds more than the dump"
    exit 0
fi
options=()
exclude=$(<"$folder/exclude") stop=$(<"$folder/stop")
[[ -z $exclude ]] || options+=("--exclude-gtids=$exclude")
[[ -z $stop ]] || options+=("--stop-datetime=$stop")

began=$SECONDS
mysqlbinlog --no-defaults "${options[@]}" "${logs[@]}" |
    mysql --no-defaults --user=root --socket="$socket" --binary-mode --max-allowed-packet=1G
bytes=$(cat "${logs[@]}" | wc -c)
echo "replay: ${#logs[@]} logs, $bytes bytes, in $((SECONDS - began)) s"
