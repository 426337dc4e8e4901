"""Drills on real Kubernetes control planes: what the API server, the scheduler and the controllers make of trouble."""
