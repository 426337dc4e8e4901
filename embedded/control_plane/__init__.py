"""A real Kubernetes control plane for each region of an embedded stack, with kwok in the place of kubelets."""
