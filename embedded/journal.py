"""What the embedded cloud did, one line per mutation, written before the mutation is made.

The journal is the truth: a cloud that was killed replays it and stands where it stood. A snapshot only shortens the
replay; it is dropped whenever it does not fit (another version of the libraries, a torn file).

Every line is `{"n": sequence, "kind": "aws"|"kubernetes", "entry": {...}}`. Lines are flushed to the kernel, not
synced to the disk: what must survive is a killed process, not a power cut.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol


class Part(Protocol):
    """One half of the cloud: replays its own entries, and can be put away and fetched back as bytes."""

    def replay(self, entry: dict[str, Any], sequence: int) -> None: ...
    def snapshot(self) -> bytes: ...
    def restore(self, data: bytes) -> None: ...


class Journal:
    """The append-only journal of one stack's cloud in `folder`. Callers hold the cloud's lock."""

    def __init__(self, folder: Path, on_record: Callable[[int], None]) -> None:
        self._file = folder / "journal.jsonl"
        self._snapshot = folder / "snapshot.pickle"
        self._on_record = on_record
        self._sequence = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    @property
    def sequence(self) -> int:
        """Number of the last recorded mutation."""
        return self._sequence

    def record(self, kind: str, entry: Mapping[str, Any]) -> int:
        """Write one mutation down; its sequence number. OSError when the disk is full, and then nothing is written."""
        line = json.dumps({"n": self._sequence + 1, "kind": kind, "entry": entry}, separators=(",", ":")) + "\n"
        self._append(line.encode())
        self._sequence += 1
        self._on_record(self._sequence)
        return self._sequence

    def _append(self, data: bytes) -> None:
        size = os.fstat(self._handle).st_size
        try:
            written = os.write(self._handle, data)
            if written != len(data):
                raise OSError(28, "No space left on device", str(self._file))
        except OSError:
            os.ftruncate(self._handle, size)
            raise

    def load(self, parts: Mapping[str, Part], version: str) -> None:
        """Bring every part to where the journal ends; `version` names the code a snapshot must come from."""
        entries = self._read()
        done = self._restore(parts, version, len(entries))
        for number, line in enumerate(entries[done:], start=done + 1):
            parts[line["kind"]].replay(line["entry"], number)
        self._sequence = len(entries)

    def _read(self) -> list[dict[str, Any]]:
        """All whole lines; a torn last line is cut off, its mutation was never made."""
        entries: list[dict[str, Any]] = []
        good = 0
        with self._file.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                entries.append(json.loads(line))
                good += len(line)
        os.ftruncate(self._handle, good)
        return entries

    def _restore(self, parts: Mapping[str, Part], version: str, entries: int) -> int:
        try:
            saved = pickle.loads(self._snapshot.read_bytes())
        except (OSError, pickle.UnpicklingError, EOFError):
            return 0
        if saved["version"] != version or saved["n"] > entries:
            return 0
        for kind, part in parts.items():
            part.restore(saved["parts"][kind])
        return int(saved["n"])

    def save(self, parts: Mapping[str, Part], version: str) -> None:
        """Write a snapshot beside the journal, whole or not at all."""
        saved = {
            "version": version,
            "n": self._sequence,
            "parts": {kind: part.snapshot() for kind, part in parts.items()},
        }
        draft = self._snapshot.with_suffix(".new")
        try:
            draft.touch(mode=0o600)  # it holds what Kubernetes Secrets hold
            draft.write_bytes(pickle.dumps(saved))
            draft.replace(self._snapshot)
        except OSError:
            # The journal alone is enough; a full disk must not turn a finished run into a failed one.
            draft.unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget everything; for a cloud that holds nothing any more."""
        self._snapshot.unlink(missing_ok=True)
        os.ftruncate(self._handle, 0)
        self._sequence = 0

    def close(self) -> None:
        """Let the file go."""
        os.close(self._handle)
