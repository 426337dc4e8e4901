"""Route 53: hosted zones and their records."""

from __future__ import annotations

import re
import uuid
from typing import Any, Literal

from embedded.aws.kinds import BOOL, HOST_NAME, INT, TEXT_SET, Choice, ListOf, stands_in
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Call, Leaf, Read, Row, Scope, Tagging, Update, given, own_id, part
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.provider import ProviderError, Values

_ZONE = terraform("route53/zone.go")
_RECORD = terraform("route53/record.go")
_TAGGED = {"ResourceType": "hostedzone", "ResourceId": own_id}


def _bare(zone_id: str) -> str:
    return zone_id.removeprefix("/hostedzone/")


def _unique_reference(scope: Scope) -> Any:
    # AWS refuses a reference it has seen, even one of a zone long deleted.
    return {"$unique": "CallerReference"} if scope.planned else f"pulumi-{uuid.uuid4()}"


def _left_over(scope: Scope) -> Any:
    """Deletions of all records but the zone's own NS and SOA."""
    records = scope.search("ResourceRecordSets") or []
    apex = scope.search("Zone.Name")
    return [
        {"Action": "DELETE", "ResourceRecordSet": record}
        for record in records
        if record["Name"] != apex or record["Type"] not in ("NS", "SOA")
    ]


def _is_forced(scope: Scope) -> bool:
    return bool(scope.new.get("forceDestroy"))


ZONE = Row(
    type="aws:route53/zone:Zone",
    service="route53",
    regional=False,
    identity=Assigned(made="HostedZone.Id", read="Zone.Id", clean=_bare),
    # Private zones are not served.
    properties=(
        Property(name="name", kind=HOST_NAME, found="Zone.Name", required=True, replaces=_ZONE),
        Property(name="comment", found="Zone.Config.Comment", default="Managed by Pulumi"),
        Property(name="forceDestroy", kind=BOOL, default=False),
        Property(name="zoneId", found=own_id, output=True),
        Property(name="arn", found=lambda scope: f"arn:aws:route53:::hostedzone/{own_id(scope)}", output=True),
        Property(name="nameServers", found="sort(Servers.NameServers)", output=True),
        Property(name="primaryNameServer", found="Servers.NameServers[0]", output=True),
    ),
    create=(
        Call(
            "CreateHostedZone",
            {
                "Name": given("name"),
                "CallerReference": _unique_reference,
                "HostedZoneConfig": {"Comment": given("comment")},
            },
        ),
        Call("ChangeTagsForResource", {**_TAGGED, "AddTags": new_tags("Key")}, when=has_new_tags),
    ),
    read=(
        Read("GetHostedZone", {"Id": own_id}, "HostedZone", "Zone"),
        Read("GetHostedZone", {"Id": own_id}, "DelegationSet", "Servers"),
        Read("ListTagsForResource", _TAGGED, "ResourceTagSet.Tags", "Tags"),
    ),
    update=(Update(("comment",), (Call("UpdateHostedZoneComment", {"Id": own_id, "Comment": given("comment")}),)),),
    delete=(
        Call("ListResourceRecordSets", {"HostedZoneId": own_id}, when=_is_forced),
        Call(
            "ChangeResourceRecordSets",
            {"HostedZoneId": own_id, "ChangeBatch": {"Changes": _left_over}},
            when=lambda scope: _is_forced(scope) and bool(_left_over(scope)),
        ),
        Call("DeleteHostedZone", {"Id": own_id}),
    ),
    tagging=Tagging(
        "Tags",
        "Key",
        add=Call("ChangeTagsForResource", {**_TAGGED, "AddTags": new_tags("Key")}, when=has_new_tags),
        remove=Call("ChangeTagsForResource", {**_TAGGED, "RemoveTagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)

_TYPES = (
    "A",
    "AAAA",
    "CAA",
    "CNAME",
    "DS",
    "HTTPS",
    "MX",
    "NAPTR",
    "NS",
    "PTR",
    "SOA",
    "SPF",
    "SRV",
    "SSHFP",
    "SVCB",
    "TLSA",
    "TXT",
)
_RECORD_ID = re.compile(rf"(?P<zoneId>[^_]+)_(?P<name>.*?)_(?P<type>{'|'.join(_TYPES)})(?:_(?P<setIdentifier>.+))?")


class RecordIdentity:
    """ZONE_name_TYPE, and _set where several records share name and type."""

    def of(self, scope: Scope) -> Any:
        if scope.planned:
            return {"$result": "record"}
        words = [part(name)(scope) for name in ("zoneId", "name", "type", "setIdentifier")]
        return "_".join(str(word) for word in words if word is not None)

    def parts(self, resource_id: str) -> Values:
        match = _RECORD_ID.fullmatch(resource_id)
        if match is None:
            raise ProviderError(f"{resource_id}: the id of a record is ZONE_name_TYPE or ZONE_name_TYPE_set")
        return {name: value for name, value in match.groupdict().items() if value is not None}


def _full_name(name: Any, scope: Scope) -> Any:
    """The record's name with its zone's; in a plan, where the zone is not known, the name as given."""
    zone = scope.search("HostedZone.Name") or scope.search("Zone.Name")
    if stands_in(name) or zone is None:
        return name
    bare, zone = str(name).lower().removesuffix("."), str(zone).removesuffix(".")
    if bare == zone or bare.endswith(f".{zone}"):
        return bare
    return f"{bare}.{zone}" if bare else zone


def _this_record(scope: Scope, answer: Values) -> Any:
    wanted = (str(_full_name(part("name")(scope), scope)), part("type")(scope), part("setIdentifier")(scope))
    for record in answer["ResourceRecordSets"]:
        name = record["Name"].removesuffix(".").replace("\\052", "*").lower()
        if (name, record["Type"], record.get("SetIdentifier")) == wanted:
            return record
    return None


def _name(scope: Scope) -> Any:
    # A program may leave the zone out of the name; then so does the state.
    return scope.known.get("name")


_ALIAS = Struct(
    (
        Property(name="name", api="DNSName", kind=HOST_NAME, required=True),
        Property(name="zoneId", api="HostedZoneId", required=True),
        Property(name="evaluateTargetHealth", api="EvaluateTargetHealth", kind=BOOL, required=True),
    )
)
_LATENCY = Struct((Property(name="region", required=True),))
_FAILOVER = Struct((Property(name="type", kind=Choice(("PRIMARY", "SECONDARY")), required=True),))
_WEIGHT = Struct((Property(name="weight", kind=INT, required=True),))
_PLACE = Struct(
    (
        Property(name="continent", api="ContinentCode"),
        Property(name="country", api="CountryCode"),
        Property(name="subdivision", api="SubdivisionCode"),
    )
)


def _values(scope: Scope) -> Any:
    records = scope.value("records")
    if records is None or stands_in(records):
        return records
    return [{"Value": value} for value in records]


_RECORD_SET: dict[str, Leaf] = {
    "Name": lambda scope: _full_name(part("name")(scope), scope),
    "Type": given("type"),
    "SetIdentifier": given("setIdentifier"),
    "TTL": given("ttl"),
    "ResourceRecords": _values,
    "AliasTarget": given("aliases", "[0]"),
    "HealthCheckId": given("healthCheckId"),
    "Region": given("latencyRoutingPolicies", "[0].region"),
    "Failover": given("failoverRoutingPolicies", "[0].type"),
    "Weight": given("weightedRoutingPolicies", "[0].weight"),
    "GeoLocation": given("geolocationRoutingPolicies", "[0]"),
    "MultiValueAnswer": given("multivalueAnswerRoutingPolicy"),
}


def _change(action: Literal["CREATE", "UPSERT", "DELETE"] | Leaf, record: Any) -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": record}


def _batch(*changes: Any) -> dict[str, Any]:
    return {"HostedZoneId": part("zoneId"), "ChangeBatch": {"Comment": "Managed by Pulumi", "Changes": [*changes]}}


def _create_or_overwrite(scope: Scope) -> str:
    return "UPSERT" if scope.value("allowOverwrite") else "CREATE"


def _as_it_is(scope: Scope) -> Any:
    return scope.search("Record")


_WHAT = (
    "ttl",
    "records",
    "aliases",
    "healthCheckId",
    "latencyRoutingPolicies",
    "failoverRoutingPolicies",
    "weightedRoutingPolicies",
    "geolocationRoutingPolicies",
    "multivalueAnswerRoutingPolicy",
)

RECORD = Row(
    type="aws:route53/record:Record",
    service="route53",
    regional=False,
    identity=RecordIdentity(),
    properties=(
        Property(name="zoneId", found=part("zoneId"), required=True, replaces=_RECORD),
        Property(name="name", kind=HOST_NAME, found=_name, required=True, replaces=_RECORD),
        Property(name="type", kind=Choice(_TYPES), found="Record.Type", required=True),
        Property(name="setIdentifier", found="Record.SetIdentifier"),
        Property(name="ttl", kind=INT, found="Record.TTL"),
        Property(name="records", kind=TEXT_SET, found="Record.ResourceRecords[].Value"),
        Property(name="aliases", kind=ListOf(_ALIAS), found="Record.AliasTarget && [Record.AliasTarget]"),
        Property(name="healthCheckId", found="Record.HealthCheckId"),
        Property(
            name="latencyRoutingPolicies", kind=ListOf(_LATENCY), found="Record.Region && [{region: Record.Region}]"
        ),
        Property(
            name="failoverRoutingPolicies", kind=ListOf(_FAILOVER), found="Record.Failover && [{type: Record.Failover}]"
        ),
        Property(
            name="weightedRoutingPolicies",
            kind=ListOf(_WEIGHT),
            found="(Record.Weight != `null`) && [{weight: Record.Weight}] || `null`",
        ),
        Property(
            name="geolocationRoutingPolicies", kind=ListOf(_PLACE), found="Record.GeoLocation && [Record.GeoLocation]"
        ),
        Property(name="multivalueAnswerRoutingPolicy", kind=BOOL, found="Record.MultiValueAnswer"),
        Property(name="allowOverwrite", kind=BOOL, default=False),
        Property(name="fqdn", found="Record.Name", kind=HOST_NAME, output=True),
    ),
    exclusive=(("records", "aliases"),),
    create=(
        # The zone's name completes the record's.
        Call("GetHostedZone", {"Id": part("zoneId")}),
        Call("ChangeResourceRecordSets", _batch(_change(_create_or_overwrite, _RECORD_SET))),
    ),
    read=(
        Read("GetHostedZone", {"Id": part("zoneId")}, "HostedZone", "Zone"),
        Read("ListResourceRecordSets", {"HostedZoneId": part("zoneId")}, _this_record, "Record"),
    ),
    update=(
        # Route 53 knows a record by name, type and set: the provider takes one away and makes another in one batch.
        Update(
            ("type", "setIdentifier"),
            (Call("ChangeResourceRecordSets", _batch(_change("DELETE", _as_it_is), _change("CREATE", _RECORD_SET))),),
        ),
        Update(_WHAT, (Call("ChangeResourceRecordSets", _batch(_change("UPSERT", _RECORD_SET))),)),
    ),
    delete=(Call("ChangeResourceRecordSets", _batch(_change("DELETE", _as_it_is))),),
)

ROWS = (ZONE, RECORD)
