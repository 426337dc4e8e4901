"""What runs beside Redis: `python -m runtime.bootstrap` (Job), `.healer` (sidecar), `.scale_in` (Job before a shrink).

Only the standard library and relative imports: the package is mounted as it is into an official Python image.

What a pod gives it:

- working directory `/etc/redis-pod` (files of `config.pod_files`: redis.conf, the scripts, `runtime/*.py`);
- `/etc/redis-users`: files `app`, `repl`, `exporter`, `admin`, each with its user's current password and nothing else,
  and `users.acl`, which opens for the former passwords too;
- `/etc/redis/tls`: `ca.crt`, `tls.crt`, `tls.key`, valid for `*.<REDIS_SERVICE>.<namespace>.svc.cluster.local`;
- environment: `POD_NAMESPACE`; for the healer `POD_NAME` and `POD_IP` (its pod's);
  `REDIS_REPLICAS`: how many pods the StatefulSet has (6), not replicas of a master;
  `REDIS_SERVICE` (redis-cluster-headless); `REDIS_STATEFUL_SET` (redis-cluster);
- a mounted token that may `list` pods of the namespace and `get` nodes (label topology.kubernetes.io/zone).

`runtime.scale_in` reads `REDIS_REPLICAS` as the number of pods that stand now and `REDIS_REPLICAS_LEFT` as the number
that stays; it must end before the StatefulSet shrinks. Scaling out is the bootstrap Job with a larger REDIS_REPLICAS.

The healer needs its pod's server on `POD_IP`; all other addresses come from the pods' DNS names. Defaults of what
tests and drills set otherwise: `REDIS_PORT` 6379, `REDIS_USERS`, `REDIS_TLS`, `REDIS_DATA` (paths above and /data),
`REDIS_RESOLVE` (a command that prints the address of a name; DNS where it is not set), `KUBERNETES_API` (the
cluster's), `REDIS_TOKEN` (folder of the mounted token), `REDIS_QUIET_SECONDS` 600, `REDIS_HEAL_SECONDS` 5,
`REDIS_WAIT_SECONDS` 600 (of a Job).
"""
