"""The whole program of a stack: its settings in, its resources registered, its outputs exported."""

from embedded.start_up import collect_rarely

collect_rarely()

import pulumi

from embedded.interlock import Interlock, refuse_wrong_cloud
from stacks.program import program
from stacks.settings import SettingsError, load_settings

try:
    settings = load_settings()
    refuse_wrong_cloud(settings.cloud)
except (SettingsError, Interlock) as error:
    # A RunError is printed as it is, without a traceback.
    raise pulumi.RunError(str(error)) from None
for name, value in program(settings).items():
    pulumi.export(name, value)
