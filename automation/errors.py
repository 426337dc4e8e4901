"""What the command line says to a person when it stops: one sentence, no traceback."""


class Refused(Exception):
    """A refusal or failure that a person can act on: printed as `message; remedy`, exit code `exit_code`."""

    exit_code = 1

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message if remedy is None else f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


class BadUsage(Refused):
    """Arguments or settings that cannot be used: nothing was started."""

    exit_code = 2
