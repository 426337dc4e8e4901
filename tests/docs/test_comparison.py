"""The table against the two libraries: every row says where, and cites only what the page says was read."""

import re

from tests.shipped import ROOT

PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
TABLES, _, READ = PAGE.partition("## What was read")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLES.splitlines()
    if line.startswith("| ") and not line.startswith(("| Topic", "| ---"))
]


def test_every_row_names_a_topic_both_libraries_us_why_and_a_file_of_ours():
    assert len(ROWS) == 40
    for row in ROWS:
        assert len(row) == 6, row[0]
        assert all(row), f"{row[0]}: an empty cell"
        (path,) = re.findall(r"^`([\w./-]+)`$|^\[[^]]+\]\(([\w.-]+)\)$", row[-1])
        assert (ROOT / path[0]).is_file() if path[0] else (ROOT / "docs" / path[1]).is_file(), row[-1]


def test_what_is_said_of_a_library_is_cited_and_each_citation_is_listed():
    cited = set()
    for topic, terraform, pulumi, *_ in ROWS:
        for cell, mark in ((terraform, "T"), (pulumi, "P")):
            found = [name for group in re.findall(r"\[([TP\d, ]+)\]", cell) for name in group.split(", ")]
            assert all(name.startswith(mark) for name in found), topic
            uncited = cell.startswith(("says nothing", "likewise", "the plan", "their issues", "the same"))
            assert found or uncited or "github.com" in cell, f"{topic}: {cell}"
            cited |= set(found)
    listed = set(re.findall(r"\b[TP]\d+\b", READ))
    assert cited == listed
