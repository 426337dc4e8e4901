"""Every declared type through its whole life on the in-process AWS."""

from __future__ import annotations

from embedded.differences import differences
from tests.embedded.aws_types.driver import Engine
from tests.embedded.aws_types.examples import EXAMPLES

# What AWS is told but never tells: an import cannot find it.
NEVER_TOLD = {
    "updateDefaultVersion",
    "deletionWindowInDays",
    "resolveConflictsOnCreate",
    "bootstrapSelfManagedAddons",
    "allowOverwrite",
    "autoAccept",
}
# Adopted, not made, or going with their bucket only: letting go of them leaves them in the cloud.
ADOPTED = (
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws:s3/bucketVersioning:BucketVersioning",
)


def test_what_was_made_reads_back_without_a_change(engine: Engine, resource_type: str) -> None:
    made = engine.make(resource_type, **EXAMPLES[resource_type](engine).wanted)
    again = engine.refreshed(made)
    assert again is not None
    assert (again.id, again.inputs, again.outputs) == (made.id, made.inputs, made.outputs)


def test_an_import_finds_what_the_program_asks_for(engine: Engine, resource_type: str) -> None:
    example = EXAMPLES[resource_type](engine)
    made = engine.make(resource_type, **example.wanted)
    imported = engine.imported(made, example.import_id(made))
    assert imported.id == made.id
    asked = engine.checked(made.target, example.wanted, imported.inputs)
    assert {path for path in differences(imported.inputs, asked) if path not in NEVER_TOLD} == set()
    assert imported.outputs.keys() >= made.outputs.keys() - NEVER_TOLD


def test_a_change_is_made_in_place_and_reads_back(engine: Engine, resource_type: str) -> None:
    example = EXAMPLES[resource_type](engine)
    made = engine.make(resource_type, **example.wanted)
    if not example.changed:
        return
    assert engine.replaced_by(made, **example.changed).paths == ()
    changed = engine.change(made, **example.changed)
    again = engine.refreshed(changed)
    assert again is not None
    assert again.inputs == changed.inputs
    imported = engine.imported(changed, example.import_id(changed))
    asked = engine.checked(made.target, example.changed, imported.inputs)
    assert {path for path in differences(imported.inputs, asked) if path not in NEVER_TOLD} == set()


def test_what_was_deleted_is_gone_and_deleting_again_is_no_error(engine: Engine, resource_type: str) -> None:
    made = engine.make(resource_type, **EXAMPLES[resource_type](engine).wanted)
    engine.drop(made)
    if resource_type not in ADOPTED:
        assert engine.refreshed(made) is None
    engine.drop(made)
