"""Files that another container left in a folder into the bucket: the nightly copies of Redis."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from .catalog import Store, moment_text
from .dump import put_files


class NothingToUpload(Exception):
    """The folder has no file, so whatever was to be saved was not."""


def upload(store: Store, cluster: str, folder: Path, moment: datetime) -> dict[str, int]:
    """Each file below `<cluster>/dump/<moment>/`; bytes by key."""
    files = {
        f"{cluster}/dump/{moment_text(moment)}/{path.relative_to(folder)}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    if not files:
        raise NothingToUpload(f"{folder} holds no file")
    put_files(store, files)
    return {key: path.stat().st_size for key, path in files.items()}


def main() -> None:
    """See `runtime.archiver` for the environment."""
    from .s3 import pod_bucket

    folder = Path(os.environ["BACKUP_FOLDER"])
    for key, size in upload(pod_bucket(), os.environ["BACKUP_ROOT"], folder, datetime.now(UTC)).items():
        print(f"{key}: {size} bytes")  # noqa: T201


if __name__ == "__main__":
    main()
