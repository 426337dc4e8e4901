"""Clusters whose API is a real kube-apiserver: the same methods as the embedded one's, over HTTPS."""
