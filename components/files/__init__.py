"""Long texts as files: configuration, scripts and dashboards that go into the cluster."""

from pathlib import Path


def text(name: str) -> str:
    """A file of this folder, by its path below it."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
