"""EdgeDns: the stack's zone, its delegated zones, and who may issue certificates."""

import dataclasses

from components.edge.dns import EdgeDns, EdgeDnsArgs
from plan.recorder import Recording
from tests.engine import all_of, build, named

ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"
ARGS = EdgeDnsArgs(domain="mmorpg-game.com", regions=("us-east", "eu-west"))


def dns(args: EdgeDnsArgs = ARGS) -> Recording:
    return build(lambda: EdgeDns("edge", args))


def test_every_region_has_a_zone_under_the_stacks_own():
    assert {zone.name: zone.inputs["name"] for zone in all_of(dns(), ZONE)} == {
        "edge-zone": "mmorpg-game.com",
        "edge-zone-us-east": "us-east.mmorpg-game.com",
        "edge-zone-eu-west": "eu-west.mmorpg-game.com",
    }


def test_the_stacks_zone_delegates_to_each_regions_name_servers():
    built = dns()
    child = named(built, "edge-zone-eu-west", ZONE)
    record = named(built, "edge-delegation-eu-west", RECORD)
    assert record.inputs["zoneId"] == {"$ref": named(built, "edge-zone", ZONE).urn, "property": "zoneId"}
    assert (record.inputs["name"], record.inputs["type"]) == ("eu-west.mmorpg-game.com", "NS")
    assert record.resolved["records"] == [f"${{{child.urn}#nameServers[{server}]}}" for server in range(4)]
    assert record.inputs["ttl"] == 3600


def test_only_aws_and_lets_encrypt_may_issue_certificates():
    record = named(dns(), "edge-certificate-authorities", RECORD).inputs
    assert (record["name"], record["type"]) == ("mmorpg-game.com", "CAA")
    assert record["records"] == ['0 issue "amazon.com"', '0 issue "letsencrypt.org"']


def test_another_region_leaves_the_others_names_alone():
    old, new = dns().by_urn(), dns(dataclasses.replace(ARGS, regions=("asia", *ARGS.regions))).by_urn()
    assert {urn: resource.inputs for urn, resource in old.items()} == {urn: new[urn].inputs for urn in old}
    assert {new[urn].name for urn in new.keys() - old.keys()} == {"edge-zone-asia", "edge-delegation-asia"}
