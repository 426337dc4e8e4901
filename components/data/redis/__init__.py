"""Redis Cluster: three masters over three zones, each with a replica in another zone."""
