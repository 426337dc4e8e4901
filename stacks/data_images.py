"""Images of the data systems, by full version."""

# xtrabackup's image is the smallest that has mysqlbinlog and mysql of the 8.4 line; MySQL's own has no mysqlbinlog.
# docs.percona.com/percona-operator-for-mysql/latest/images.html
BACKUP_TOOLS = "percona/percona-xtrabackup:8.4.0-6.1"
# 1.14 goes with Velero 1.18. github.com/vmware-tanzu/velero-plugin-for-aws
VELERO_PLUGIN = "velero/velero-plugin-for-aws:v1.14.3"
