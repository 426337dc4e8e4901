"""Which pod stands on which node: an estimate of what the scheduler will do, without a cluster."""
