"""The Kubernetes half of the embedded cloud: the API of each cluster, checked objects, no controllers."""
