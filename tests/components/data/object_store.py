"""The schema of the plugin's ObjectStore as far as it is used here.

cloudnative-pg/plugin-barman-cloud @ 06b1dee5e, config/crd/bases/barmancloud.cnpg.io_objectstores.yaml.
"""

from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
_QUANTITIES = {"type": "object", "additionalProperties": {"type": ["integer", "string"]}}


def _closed(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    wanted = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **wanted}


_PARALLEL = {"type": "integer", "minimum": 1}
SCHEMA = _closed(
    required=("configuration",),
    configuration=_closed(
        required=("destinationPath",),
        destinationPath={"type": "string", "minLength": 1},
        s3Credentials=_closed(inheritFromIAMRole={"type": "boolean"}),
        data=_closed(compression={"enum": ["bzip2", "gzip", "snappy"]}, jobs=_PARALLEL),
        wal=_closed(
            compression={"enum": ["bzip2", "gzip", "lz4", "snappy", "xz", "zstd"]},
            maxParallel=_PARALLEL,
        ),
    ),
    retentionPolicy={"type": "string", "pattern": "^[1-9][0-9]*[dwm]$"},
    instanceSidecarConfiguration=_closed(
        env={"type": "array", "items": _closed(required=("name",), name=_TEXT, value=_TEXT)},
        resources=_closed(requests=_QUANTITIES, limits=_QUANTITIES),
    ),
)
