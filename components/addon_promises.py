"""Pure: what the EKS add-ons that run as Deployments keep."""

from components.platform.ebs_csi import NAMESPACE
from components.promises import stateless

PROMISES = tuple(stateless(NAMESPACE, name, 2) for name in ("coredns", "metrics-server", "ebs-csi-controller"))
