"""The journal: what was written down survives, what was torn was never made."""

import json
import os
import pickle

import pytest

from embedded.journal import Journal


class Counter:
    """A part whose state is the list of entries it saw."""

    def __init__(self):
        self.seen = []

    def replay(self, entry, sequence):
        self.seen.append((sequence, entry["value"]))

    def snapshot(self):
        return pickle.dumps(self.seen)

    def restore(self, data):
        self.seen = pickle.loads(data)


def journal(folder, on_record=lambda sequence: None):
    return Journal(folder, on_record)


def loaded(folder, version="1"):
    part = Counter()
    opened = journal(folder)
    opened.load({"aws": part}, version)
    return opened, part


def test_a_new_process_replays_every_mutation_in_order_with_its_number(tmp_path):
    first = journal(tmp_path)
    assert [first.record("aws", {"value": value}) for value in "abc"] == [1, 2, 3]
    opened, part = loaded(tmp_path)
    assert part.seen == [(1, "a"), (2, "b"), (3, "c")]
    assert opened.record("aws", {"value": "d"}) == 4


def test_a_torn_last_line_is_cut_off_because_its_mutation_was_never_made(tmp_path):
    journal(tmp_path).record("aws", {"value": "a"})
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"n": 2, "kind": "aws", "ent')
    opened, part = loaded(tmp_path)
    assert part.seen == [(1, "a")]
    opened.record("aws", {"value": "b"})
    assert [json.loads(line)["n"] for line in (tmp_path / "journal.jsonl").read_text().splitlines()] == [1, 2]


def test_a_snapshot_shortens_the_replay_and_changes_nothing(tmp_path):
    first, part = loaded(tmp_path)
    first.record("aws", {"value": "a"})
    part.seen.append((1, "a"))
    first.save({"aws": part}, "1")
    first.record("aws", {"value": "b"})
    assert loaded(tmp_path)[1].seen == [(1, "a"), (2, "b")]


def test_a_snapshot_of_another_version_is_ignored(tmp_path):
    first, part = loaded(tmp_path)
    first.record("aws", {"value": "a"})
    part.seen.append("wrong")
    first.save({"aws": part}, "old")
    assert loaded(tmp_path, version="new")[1].seen == [(1, "a")]


def test_a_full_disk_leaves_no_half_line_and_the_number_is_not_used_up(tmp_path, monkeypatch):
    opened = journal(tmp_path)
    opened.record("aws", {"value": "a"})
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:5]))
    with pytest.raises(OSError, match="No space left"):
        opened.record("aws", {"value": "b"})
    monkeypatch.undo()
    assert opened.record("aws", {"value": "c"}) == 2
    assert loaded(tmp_path)[1].seen == [(1, "a"), (2, "c")]


def test_whoever_listens_hears_of_a_mutation_after_it_is_written_and_before_it_is_made(tmp_path):
    heard = []
    opened = journal(
        tmp_path, on_record=lambda n: heard.append((n, (tmp_path / "journal.jsonl").read_text().count("\n")))
    )
    opened.record("aws", {"value": "a"})
    assert heard == [(1, 1)]


def test_an_empty_cloud_starts_from_a_clean_journal(tmp_path):
    opened, _ = loaded(tmp_path)
    opened.record("aws", {"value": "a"})
    opened.clear()
    assert opened.record("aws", {"value": "b"}) == 1
    assert loaded(tmp_path)[1].seen == [(1, "b")]
