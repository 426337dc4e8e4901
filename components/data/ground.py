"""What every data system of a region stands on."""

from dataclasses import dataclass

import pulumi

from components.kube.labels import object_labels


@dataclass(frozen=True, kw_only=True)
class DataGround:
    """`prefix` is the region's `<game>-<region>`; `namespace` the game's, `zones` the names of the region's zones.

    `issuer` names the Issuer, in that namespace, of the systems' own certificates. `priority_class` is the databases'.
    `protect` refuses to delete or replace what holds data. `after` is what pods, their volumes and their certificates
    need: nodes, cluster DNS, the volume driver, the namespace with its bounds, the authority.
    """

    game: str
    prefix: str
    namespace: pulumi.Input[str]
    zones: tuple[str, ...]
    storage_class: pulumi.Input[str]
    priority_class: pulumi.Input[str]
    issuer: pulumi.Input[str]
    protect: bool
    after: tuple[pulumi.Resource, ...] = ()

    def labels(self, selector: dict[str, str]) -> dict[str, str]:
        """Labels of every object of a system whose pods are selected by `selector`."""
        return object_labels(selector, self.game)
