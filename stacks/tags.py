"""The tag `game-regions/urn` on everything that AWS tags, so that recovery finds the real object of a lost
operation.
"""

from collections.abc import Collection, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi

URN_TAG = "game-regions/urn"
GAME_TAG = "game"
"""On all that a provider of the program makes: stacks.aws_providers.default_tags."""
# docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: values of 256 characters.
_VALUE_LIMIT = 256
# URNs, as JSON, whose protection a person has lifted for this one run: a destroy runs the program too, and would find
# its protections set again.
UNPROTECTED_VARIABLE = "GAME_REGIONS_UNPROTECTED"
_STACK_TYPE = "pulumi:pulumi:Stack"


def tag_value(urn: str) -> str:
    """A URN as a tag's value: IAM and EKS refuse the "$" between component types. RunError above 256 characters."""
    value = urn.replace("$", "@")
    if len(value) > _VALUE_LIMIT:
        raise pulumi.RunError(
            f"{urn}: the tag {URN_TAG} would have {len(value)} characters, above AWS's {_VALUE_LIMIT}; "
            f"shorten the logical name or the stack's name"
        )
    return value


def urn_of(parent_urn: str | None, type_: str, name: str) -> str:
    """The URN that the engine gives a resource of the running stack; the parents' types precede its own."""
    chain = parent_urn.split("::")[2] if parent_urn else _STACK_TYPE
    qualified = type_ if chain == _STACK_TYPE else f"{chain}${type_}"
    return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{qualified}::{name}"


class UrnTags:
    """Adds the tag to each aws resource as it is constructed, and takes the protection off those named `unprotected`.

    The URN is worked out here, from the parents seen before, and never awaited: an output of the parent
    component in a tag would make every child wait for itself.
    """

    def __init__(self, unprotected: Collection[str] = ()) -> None:
        self._unprotected = frozenset(unprotected)
        self._urns: WeakKeyDictionary[pulumi.Resource, str] = WeakKeyDictionary()

    def __call__(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        """A transformation for the whole stack; the SDK calls it for parents before their children."""
        parent = args.opts.parent
        urn = urn_of(self._urns.get(parent) if parent else None, args.type_, args.name)
        self._urns[args.resource] = urn
        if urn in self._unprotected:
            args.opts.protect = False
        # The SDK names `tags` among a resource's inputs exactly where AWS takes them.
        if not args.type_.startswith("aws:") or "tags" not in args.props:
            return None
        tags = _with_tag(args.props["tags"], tag_value(urn))
        return pulumi.ResourceTransformationResult(props={**args.props, "tags": tags}, opts=args.opts)


def _with_tag(tags: Any, value: str) -> Any:
    if tags is None:
        return {URN_TAG: value}
    if isinstance(tags, Mapping):
        return {**tags, URN_TAG: value}
    return pulumi.Output.from_input(tags).apply(lambda known: {**(known or {}), URN_TAG: value})
