"""The AWS provider of the embedded cloud: create, read, update and delete as the API calls of the type's row."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from embedded.aws.caller import refuse_wrong_account
from embedded.aws.objects import AwsObject, Clients, Refused
from embedded.aws.properties import Property
from embedded.aws.rows import Autoname, Row, Scope
from embedded.aws.types.registry import row_of
from embedded.provider import (
    UNKNOWN,
    Failure,
    Handler,
    PartialFailure,
    ProviderError,
    Replacement,
    Target,
    Values,
    contains_unknown,
)


class AwsHandler(Handler):
    """One aws provider resource: its region, its default tags, and the account behind `clients`."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._region: Any = None
        self._default_tags: Any = {}
        self._account = ""

    def configure(self, settings: Values) -> None:
        self._region = settings.get("region")
        default_tags = settings.get("defaultTags") or {}
        self._default_tags = default_tags if default_tags is UNKNOWN else default_tags.get("tags") or {}
        refuse_wrong_account(settings, self._account_id)

    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        row = row_of(target.type)
        wanted = {name: value for name, value in new.items() if value is not None and not name.startswith("__")}
        failures = [*row.inputs.faults("", wanted), *_choices_broken(row, wanted)]
        if failures:
            return wanted, failures
        # The engine compares texts: what says the same as before is said in the words of before.
        inputs = row.inputs.reword(old, wanted) if old else wanted
        if row.autoname is not None and inputs.get(row.autoname.property) is None:
            inputs[row.autoname.property] = _automatic_name(row.autoname, target)
        return inputs | self._all_tags(row, inputs), []

    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        row = row_of(target.type)
        paths = list(row.inputs.replacements(old_inputs, new_inputs))
        if paths:
            # Saying for the first time what AWS had chosen, or what an import could not learn, changes nothing.
            before = self._with_unsaid(target, resource_id, old_inputs)
            told = {prop.name for prop in row.inputs.properties if prop.found}
            paths = [
                path
                for path in row.inputs.replacements(before, new_inputs)
                if path.partition(".")[0] in told or path in old_inputs
            ]
        clash = bool(paths) and (row.delete_first or _would_clash(row, target, old_inputs, new_inputs))
        return Replacement(tuple(_as_changed(paths, changed)), clash)

    def preview(self, target: Target, inputs: Values) -> Values:
        row = row_of(target.type)
        outputs = row.inputs.fill(inputs)
        if row.regional and "region" not in inputs:
            outputs["region"] = self._region
        if row.tagging and "tagsAll" not in inputs:
            outputs["tagsAll"] = {}
        return outputs

    def preview_update(self, target: Target, old_outputs: Values, new_inputs: Values) -> Values:
        row = row_of(target.type)
        stays = {
            name: value
            for name, value in old_outputs.items()
            if new_inputs.get(name) is not None or not _is_dropped(row.inputs.properties, name)
        }
        outputs = row.inputs.merge(stays, new_inputs)
        for prop in row.inputs.properties:
            moving = (row.inputs.by_name(name) for name in prop.moves_with)
            if any(not cause.same(old_outputs.get(cause.name), new_inputs.get(cause.name)) for cause in moving):
                outputs[prop.name] = UNKNOWN
        return outputs

    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        made = self._object(target, new=inputs)
        begun: list[bool] = []
        try:
            made.run(made.row.create, after=lambda: begun.append(True))
        except Refused as refusal:
            resource_id = made.id if begun else None
            if resource_id is None:
                raise
            known = self._object(target, resource_id, new=inputs)
            if not known.read():
                raise
            raise PartialFailure(str(resource_id), known.outputs(inputs), [str(refusal)]) from refusal
        if made.id is None:
            raise ProviderError(f"{target.type}: AWS made nothing, and says: {made.scope.answers}")
        resource_id = str(made.id)
        known = self._object(target, resource_id, new=inputs)
        if not known.settle():
            raise ProviderError(f"{target.type} {resource_id} was made, but AWS does not show it")
        return resource_id, self._healthy(known, resource_id, inputs)

    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        known = self._object(target, resource_id, state=(outputs or {}) | (inputs or {}))
        if not known.read():
            return None
        found = known.inputs(inputs)
        if inputs is None and found.get("region") == self._region:
            del found["region"]
        return str(known.id or resource_id), found, known.outputs(found)

    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        known = self._object(target, resource_id, state=old_outputs | old_inputs)
        if not known.read():
            raise ProviderError(
                f"{target.type} {resource_id} no longer exists in the embedded cloud; run refresh first"
            )
        row, scope = known.row, known.scope
        scope.new = new_inputs
        # The engine updates without a change only to repair what was left half made: then AWS says what is missing.
        unchanged = row.inputs.same(old_inputs, new_inputs)
        scope.old = known.inputs(None) if unchanged else old_inputs
        for update in row.update:
            if any(scope.changed(path) for path in update.on):
                known.run(update.calls)
        if row.tagging is not None:
            known.run((row.tagging.remove, row.tagging.add))
        after = self._object(target, resource_id, new=new_inputs, state=old_outputs)
        if not after.settle():
            raise ProviderError(f"{target.type} {resource_id} was changed, but AWS no longer shows it")
        return self._healthy(after, resource_id, new_inputs)

    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        known = self._object(target, resource_id, new=inputs, state=outputs)
        if known.read():
            known.run(known.row.delete)

    def provider_replacement(self, old: Values, new: Values) -> Replacement:
        """Another region is another set of objects: everything the provider manages must be made anew there."""
        moved = old.get("region") != new.get("region")
        return Replacement(("region",) if moved else ())

    def _object(
        self, target: Target, resource_id: str = "", new: Values | None = None, state: Values | None = None
    ) -> AwsObject:
        row = row_of(target.type)
        inputs = new or {}
        region = inputs.get("region") or (state or {}).get("region") or self._region
        if not isinstance(region, str):
            raise ProviderError(f"{target.urn}: its aws provider has no region; set `region` on the provider")
        known = (row.identity.parts(resource_id) | (state or {}) | inputs) if resource_id else {}
        scope = Scope(row, new=inputs, known=known, region=region, account=self._account_id)
        tags = {} if self._default_tags is UNKNOWN else self._default_tags
        return AwsObject(self._clients, row, scope, tags)

    def _with_unsaid(self, target: Target, resource_id: str, inputs: Values) -> Values:
        """The inputs, and what they leave unsaid as AWS has it."""
        known = self._object(target, resource_id, state=inputs)
        return known.row.inputs.merge(known.inputs(None), inputs) if known.read() else inputs

    def _account_id(self) -> str:
        if not self._account:
            self._account = str(self._clients.client("sts", "us-east-1").get_caller_identity()["Account"])
        return self._account

    def _healthy(self, known: AwsObject, resource_id: str, inputs: Values) -> Values:
        outputs, complaints = known.outputs(inputs), known.complaints()
        if complaints:
            raise PartialFailure(resource_id, outputs, [f"{resource_id}: {complaint}" for complaint in complaints])
        return outputs

    def _all_tags(self, row: Row, inputs: Values) -> Values:
        """`tagsAll` as the real provider sets it in check: the provider's default tags under the resource's own."""
        if row.tagging is None:
            return {}
        own = inputs.get("tags") or {}
        if self._default_tags is UNKNOWN or contains_unknown(own) or contains_unknown(self._default_tags):
            return {"tagsAll": UNKNOWN}
        return {"tagsAll": self._default_tags | own}


def _choices_broken(row: Row, inputs: Values) -> Iterator[Failure]:
    for group in row.exclusive:
        given = [name for name in group if inputs.get(name) is not None]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            yield Failure(group[0], f"exactly one of {', '.join(group)} must be set, not {said}")


def _automatic_name(autoname: Autoname, target: Target) -> str:
    digits = (target.random_seed.hex() or secrets.token_hex(4))[:7]
    room = autoname.limit - len(autoname.prefix) - len(digits) - 1
    return f"{autoname.prefix}{target.name[:room]}-{digits}"


def _would_clash(row: Row, target: Target, old: Values, new: Values) -> bool:
    """True if old and new object would bear the same name, given by the program: the old one must go first."""
    if row.autoname is None:
        return False
    name = new.get(row.autoname.property)
    stem = _automatic_name(row.autoname, target)[:-7]
    automatic = isinstance(name, str) and name.startswith(stem) and len(name) == len(stem) + 7
    return name == old.get(row.autoname.property) and not automatic


def _as_changed(paths: list[str], changed: list[str]) -> Iterator[str]:
    """The replacing paths as the engine names them: "subnetIds[1]" for a change inside of "subnetIds"."""
    for path in paths:
        inside = [name for name in changed if name.startswith((f"{path}.", f"{path}["))]
        yield from inside or [path]


def _is_dropped(properties: tuple[Property, ...], name: str) -> bool:
    """True if leaving the input out takes its old value away: it is no output, nor chosen by AWS."""
    return any(prop.name == name and not prop.output and not prop.computed for prop in properties)
