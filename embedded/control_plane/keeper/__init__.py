"""What a cloud does inside a cluster, for a rehearsal's: nodes of node groups, Karpenter, volumes, addresses."""
