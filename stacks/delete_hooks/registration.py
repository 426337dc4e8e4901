"""The waits as the engine's `before_delete` hooks: registered under constant names, bound by a resource's type.

Not built: a drain before a managed node group goes. EKS itself drains the nodes of a group that it deletes, by
evictions, which keep to disruption budgets, and ends a node that is not empty after five minutes:
docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html.
"""

import copy
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from stacks.delete_hooks.access import SettingsAccess
from stacks.delete_hooks.karpenter_nodes import KARPENTER_NODES
from stacks.delete_hooks.load_balancers import LOAD_BALANCERS
from stacks.delete_hooks.network_interfaces import NETWORK_INTERFACES
from stacks.delete_hooks.waits import Access, Clock, Doomed, Wait

if TYPE_CHECKING:
    from stacks.settings import StackSettings

WAITS = (KARPENTER_NODES, LOAD_BALANCERS, NETWORK_INTERFACES)


def register_hooks(settings: "StackSettings") -> tuple[pulumi.ResourceHook, ...]:
    """Register every wait, and have each resource that it guards carry it from now on.

    All of them whatever the settings say: the state of a resource that the settings no longer have names its hooks,
    and the engine refuses to delete it in a run of a program that has not registered them.
    """
    return bind_waits(SettingsAccess(settings), Clock(warn=pulumi.log.warn))


def bind_waits(access: Access, clock: Clock) -> tuple[pulumi.ResourceHook, ...]:
    """Register the waits with this access to AWS and this clock."""
    hooks = {wait.hook: pulumi.ResourceHook(wait.hook, _callback(wait, access, clock)) for wait in WAITS}

    def bind(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        before = [hooks[wait.hook] for wait in WAITS if wait.guards(args.type_, args.props)]
        if not before:
            return None
        opts = copy.copy(args.opts)  # siblings share one object of options
        opts.hooks = pulumi.ResourceHookBinding.merge(opts.hooks, pulumi.ResourceHookBinding(before_delete=[*before]))
        return pulumi.ResourceTransformationResult(props=args.props, opts=opts)

    pulumi.runtime.register_stack_transformation(bind)
    return tuple(hooks.values())


def _callback(wait: Wait, access: Access, clock: Clock) -> Callable[[pulumi.ResourceHookArgs], Awaitable[None]]:
    async def run(args: pulumi.ResourceHookArgs) -> None:
        doomed = Doomed(
            name=args.name,
            type=args.type,
            id=args.id,
            inputs=await _plain(args.old_inputs),
            outputs=await _plain(args.old_outputs),
        )
        await wait.until_gone(doomed, access, clock)

    return run


async def _plain(properties: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Properties with the outputs resolved that the SDK makes of secrets."""
    known: Mapping[str, Any] | None = await pulumi.Output.from_input({**(properties or {})}).future()
    return known or {}
