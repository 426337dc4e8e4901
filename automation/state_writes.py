"""Writes a stack's whole state, as the engine takes it in: what a recovery, a move and a lifted protection change."""

from __future__ import annotations

import json
from tempfile import NamedTemporaryFile

from pulumi.automation import Deployment
from pulumi.automation.errors import CommandError

from automation.errors import Refused
from automation.operations import Session, last_line


def write_state(session: Session, state: Deployment) -> None:
    """Put `state` in the place of what the stack has. Refused, with nothing changed, if the engine will not take it.

    The engine checks neither what the state was read from nor who has written since: read it just before. Its file,
    with every secret in the clear, is gone whatever happens; the Automation API's stays where the engine refuses it.
    """
    workspace = session.stack.workspace
    with NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"version": state.version, "deployment": state.deployment}, file)
        file.flush()
        arguments = ["stack", "import", "--file", file.name, "--stack", session.stack.name]
        try:
            workspace.pulumi_command.run(arguments, workspace.work_dir, dict(workspace.env_vars))
        except CommandError as error:
            raise Refused(
                f"the state of {session.workspace.stack} was not written ({last_line(str(error))})"
            ) from error
