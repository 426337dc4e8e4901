"""What backs up and restores MySQL and Redis inside pods. Standard library only; `mysqlsh --pym runtime.<module>`.

- `runtime.archiver` in each pod of MySQL: closed binary logs into the bucket, by one member at a time
- `runtime.dump` nightly: a consistent dump of the read service's server into the bucket
- `runtime.upload` nightly, after `redis-dump.sh`: the files that it took of Redis
- `runtime.restore` and `runtime.prove`, before and after `replay.sh`: a dump and binary logs into a fresh server

What lies in the bucket, and below which key, is said by `runtime.catalog` alone. In pods the bucket is reached with the
rights of the ServiceAccount (`runtime.credentials`), MySQL with the client `mysql` and an option file.
"""
