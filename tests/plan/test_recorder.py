"""The recorder against small programs: what an engine would get, and what it would refuse."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from plan.recorder import record
from plan.values import RecorderError
from tests.engine import build, named, only

VPC = "aws:ec2/vpc:Vpc"


class Shelf(pulumi.ComponentResource):
    """A component with one VPC below a component of its own."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:test:Shelf", name, None, opts)
        box = pulumi.ComponentResource("gameregions:test:Box", f"{name}-box", None, pulumi.ResourceOptions(parent=self))
        self.vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=box))
        self.register_outputs({})


def test_a_urn_holds_the_whole_chain_of_parent_types_and_not_the_stacks():
    built = record(lambda: Shelf("us-east"), stack="dev", regions=["us-east"])
    assert [resource.urn for resource in built.resources] == [
        "urn:pulumi:dev::game-regions::gameregions:test:Shelf$gameregions:test:Box$aws:ec2/vpc:Vpc::us-east-vpc",
        "urn:pulumi:dev::game-regions::gameregions:test:Shelf$gameregions:test:Box::us-east-box",
        "urn:pulumi:dev::game-regions::gameregions:test:Shelf::us-east",
    ]


def test_only_what_stands_directly_under_the_stack_has_no_parent():
    built = build(lambda: Shelf("us-east"))
    assert only(built, "gameregions:test:Shelf").parent is None
    assert only(built, VPC).parent == only(built, "gameregions:test:Box").urn


def test_the_region_is_the_one_the_logical_name_begins_with():
    def program() -> None:
        Shelf("us-east")
        Shelf("edge")
        Shelf("us-eastern")

    built = record(program, stack="dev", regions=["us-east"])
    assert {resource.name: resource.region for resource in built.resources if resource.type == VPC} == {
        "us-east-vpc": "us-east",
        "edge-vpc": "edge",
        "us-eastern-vpc": None,
    }


def test_a_urn_registered_twice_is_refused_as_the_engine_refuses_it():
    def program() -> None:
        aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16")
        aws.ec2.Vpc("us-east-vpc", cidr_block="10.1.0.0/16")

    with pytest.raises(RecorderError, match="::us-east-vpc is registered twice"):
        build(program)


def test_a_lookup_is_refused_because_no_cloud_answers_it():
    with pytest.raises(RecorderError, match="aws:index/getRegion:getRegion has no answer in a plan"):
        build(lambda: aws.get_region())


def test_reading_an_existing_resource_is_refused():
    with pytest.raises(RecorderError, match="cannot read an existing aws:ec2/vpc:Vpc"):
        build(lambda: aws.ec2.Vpc.get("us-east-vpc", "vpc-0123"))


def test_an_output_that_no_row_provides_is_an_error_where_it_is_used():
    def program() -> None:
        vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16")
        aws.ec2.Subnet("us-east-subnet", vpc_id=vpc.ipv6_association_id, cidr_block="10.0.0.0/24")

    with pytest.raises(RecorderError, match=r"us-east-subnet: /vpcId takes an output of .*us-east-vpc that"):
        build(program)


def test_an_unknown_output_is_an_error_as_an_output_of_the_stack_too():
    with pytest.raises(RecorderError, match="/address takes an output of"):
        build(lambda: {"address": aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16").ipv6_association_id})


def test_what_the_program_raises_is_raised_unchanged_and_the_next_run_is_clean():
    def program() -> None:
        aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16")
        raise ValueError("min_size 3 is above max_size 2")

    with pytest.raises(ValueError, match="min_size 3 is above max_size 2"):
        build(program)
    assert build(lambda: None).resources == []


def test_options_are_kept_as_the_engine_gets_them():
    def program() -> None:
        vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16")
        aws.ec2.Vpc(
            "us-east-other",
            cidr_block="10.1.0.0/16",
            opts=pulumi.ResourceOptions(
                depends_on=[vpc],
                protect=True,
                retain_on_delete=True,
                delete_before_replace=True,
                deleted_with=vpc,
                ignore_changes=["cidr_block"],
                replace_on_changes=["instance_tenancy"],
                custom_timeouts=pulumi.CustomTimeouts(create="30m"),
                aliases=[pulumi.Alias(name="us-east-former"), "urn:pulumi:test::old"],
            ),
        )

    built = build(program)
    other = named(built, "us-east-other")
    vpc = named(built, "us-east-vpc")
    assert other.protect
    assert not vpc.protect
    assert other.depends_on == [vpc.urn]
    assert other.options == {
        "aliases": [{"name": "us-east-former"}, "urn:pulumi:test::old"],
        "ignoreChanges": ["cidrBlock"],
        "replaceOnChanges": ["instanceTenancy"],
        "deleteBeforeReplace": True,
        "deletedWith": vpc.urn,
        "retainOnDelete": True,
        "customTimeouts": {"create": "30m"},
        "hooks": {},
    }


def test_hooks_are_named_in_the_options_and_never_run():
    def never(_: pulumi.ResourceHookArgs) -> None:
        raise AssertionError("a hook ran in a plan")

    def program() -> None:
        hook = pulumi.ResourceHook("us-east-drain", never)
        aws.ec2.Vpc(
            "us-east-vpc",
            cidr_block="10.0.0.0/16",
            opts=pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_delete=[hook])),
        )

    assert only(build(program), VPC).options["hooks"] == {"beforeDelete": ["us-east-drain"]}


def test_the_provider_is_named_by_its_urn_and_children_inherit_it():
    def program() -> None:
        provider = aws.Provider("us-east-aws", region="us-east-1")
        Shelf("us-east", pulumi.ResourceOptions(providers=[provider]))

    built = build(program)
    provider = only(built, "pulumi:providers:aws")
    assert only(built, VPC).provider == provider.urn
    assert provider.provider is None
    assert only(built, "gameregions:test:Shelf").provider is None


def test_a_resource_transform_changes_what_is_recorded():
    async def add_tag(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != VPC or args.opts.parent is None:
            return None
        parent = await args.opts.parent.urn.future()
        args.opts.protect = True
        return pulumi.ResourceTransformResult({**args.props, "tags": {"under": parent}}, args.opts)

    def program() -> None:
        pulumi.runtime.register_resource_transform(add_tag)
        Shelf("us-east")

    built = build(program)
    vpc = only(built, VPC)
    assert vpc.inputs["tags"] == {"under": vpc.parent}
    assert vpc.protect
    assert not only(built, "gameregions:test:Box").protect


def test_configuration_is_the_stacks_own_and_default_providers_are_off():
    def program() -> dict[str, Any]:
        return {
            "off": pulumi.Config("pulumi").require_object("disable-default-providers"),
            "cloud": pulumi.Config("game-regions").require("cloud"),
        }

    assert build(program, {"game-regions:cloud": "aws"}).outputs == {"off": ["*"], "cloud": "aws"}
    with pytest.raises(pulumi.ConfigMissingError):
        build(program)


def test_warnings_of_a_program_are_kept_and_not_printed(capfd: pytest.CaptureFixture[str]):
    def program() -> None:
        pulumi.log.info("of no interest")
        pulumi.log.warn("an end is near")

    assert record(program, stack="test").warnings == ["an end is near"]
    assert capfd.readouterr() == ("", "")
