"""The pages say what is true: links, tables, paths and the figures in the picture."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.reference_tables import README, REWRITE, SETTINGS_PAGE, all_commands, written
from components.network.subnets import zone_subnets
from stacks.settings import StackSettings
from tests.shipped import ROOT, settings_of

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as code hosts make them."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(prose(page)))
    return {heading.strip().replace(" ", "-") for heading in plain}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """File and anchor of each relative link."""
    for target in LINK.findall(prose(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield ((page.parent / path).resolve() if path else page), anchor


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path):
    for path, anchor in links(page):
        assert path.exists(), f"{name_of(page)} links to {path}"
        if anchor:
            assert anchor in anchors(path), f"{name_of(page)} links to #{anchor} of {name_of(path)}"


def test_every_page_is_in_the_index():
    index = ROOT / "docs" / "index.md"
    listed = {path for path, _ in links(index)}
    assert {page for page in PAGES if page.parent == index.parent} - {index} <= listed


def test_decisions_are_numbered_without_gaps_and_say_context_decision_and_consequence():
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {record.name[:4]}: "), record.name
        for part in ("**Context.**", "**Decision.**", "**Consequence.**"):
            assert part in text, f"{record.name} lacks {part}"


def test_the_tables_of_commands_and_settings_are_those_of_the_code():
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in (README, SETTINGS_PAGE)}
    old = [path for path, text in written(texts).items() if text != texts[path]]
    if old:
        pytest.fail(f"tables in {', '.join(old)} are not those of the code; run `{REWRITE}`", pytrace=False)


@pytest.mark.parametrize(
    ("setting", "value", "default"),
    [
        ("entrance.client_cidrs", "list of IPv4 blocks, 1 to 20", "`[0.0.0.0/0]`"),
        ("entrance.weights", "mapping", "`{a: 100}`"),
        ("worlds.limits", "`{cpu, memory}`", "`{cpu: 2, memory: 4Gi}`"),
        ("data.mysql.export", "`true` or `false`", "`false`"),
        ("data.mysql.variables", "mapping", "none"),
        ("data.mysql.replica_of.region", "name", "required with `data.mysql.replica_of`"),
        ("cluster.version", "text", "required"),
    ],
)
def test_a_default_stands_in_the_tables_as_in_a_stack_file(setting: str, value: str, default: str):
    for page in (README, SETTINGS_PAGE):
        rows = (ROOT / page).read_text(encoding="utf-8")
        assert f"| `{setting}` | {value} | {default} |" in rows, page


def test_the_readme_lists_every_command_of_the_command_line():
    listed = re.findall(
        r"^\| `\./regions ([a-z -]*[a-z])", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert listed == [*all_commands()]


def test_the_settings_page_lists_every_setting():
    page = (ROOT / SETTINGS_PAGE).read_text(encoding="utf-8")
    for path in leaves(StackSettings.model_json_schema()):
        shown = path.removeprefix("regions.<name>.").removeprefix("edge.")
        assert f"| `{shown}` |" in page, path


def leaves(schema: dict, part: dict | None = None, path: str = "") -> Iterator[str]:
    """Paths of all settings by pydantic's own schema; `{cpu, memory}` counts as one."""
    part = schema if part is None else part
    part = next((choice for choice in part.get("anyOf", []) if choice.get("type") != "null"), part)
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]
    values = part.get("additionalProperties")
    choices = [values, *values.get("anyOf", [])] if isinstance(values, dict) else []
    if any(not {"$ref", "properties"}.isdisjoint(choice) for choice in choices):
        yield from leaves(schema, part["additionalProperties"], f"{path}.<name>")
    elif "properties" in part and set(part["properties"]) != {"cpu", "memory"}:
        for name, inner in part["properties"].items():
            yield from leaves(schema, inner, f"{path}.{name}".removeprefix("."))
    else:
        yield path


def folder_map() -> list[str]:
    """Paths in the README's map of the folders."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Folders")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [path for row in rows for path in re.findall(r"`([^`]+)`", row)]


def test_every_path_in_the_map_of_folders_exists():
    paths = folder_map()
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_folder_of_the_project_is_in_the_map():
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert folders - {path.split("/")[0] for path in folder_map()} == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_of_the_project_that_a_page_names_exist(page: Path):
    for path in re.findall(
        r"`((?:automation|components|docs|embedded|plan|stacks|tests|tools)/[\w/.-]*)`", prose(page)
    ):
        assert (ROOT / path).exists(), f"{name_of(page)} names {path}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_machine_or_a_registry(page: Path):
    text = page.read_text(encoding="utf-8")
    # Folders of one machine; addresses of package and image registries.
    forbidden = (
        r"(?<![\w.~])/(home|root|tmp|work|Users|var)/"
        r"|docker\.io|ghcr\.io|quay\.io|\.dkr\.ecr\.|pypi\.org|proxy\.golang\.org"
    )
    found = re.search(forbidden, text)
    assert found is None, f"{name_of(page)} names {found and found.group()}"


def test_the_readme_says_how_many_worlds_and_players_each_stack_has():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for stack in ("local", "dev", "prod"):
        worlds = [region.worlds for region in settings_of(stack).regions.values()]
        figures = f"{sum(w.count for w in worlds)} worlds, {sum(w.player_capacity for w in worlds):,} players |"
        line = next(line for line in readme.splitlines() if line.startswith(f"| `{stack}` |"))
        assert figures in line


def test_the_picture_shows_the_local_region_as_its_file_has_it():
    picture = ElementTree.parse(ROOT / "docs" / "region.svg").getroot()
    texts = {" ".join("".join(item.itertext()).split()) for item in picture.iter("{http://www.w3.org/2000/svg}text")}
    [(name, region)] = settings_of("local").regions.items()
    wanted = {f'Region "{name}" in {region.aws.region}', f"VPC {region.network.cidr}", *region.network.zones}
    for blocks in zone_subnets(region.network.cidr, region.network.zones).values():
        wanted |= {f"private {blocks.private}", f"public {blocks.public}"}
    wanted |= {f"game-world-servers-{number}" for number in range(region.worlds.count)}
    wanted |= {f"{region.worlds.players_per_world:,} players", f"namespace {region.namespace.name}"}
    wanted.add(f"system node {region.node_pools['system'].instance_types[0]}")
    wanted.add(f"game node {region.node_pools['game'].instance_types[0]}, for game servers only")
    assert wanted - texts == set()
    assert any(f"Kubernetes {region.cluster.version}," in text for text in texts)
    assert region.network.nat == "one", "the picture shows one NAT gateway, in the first zone"
