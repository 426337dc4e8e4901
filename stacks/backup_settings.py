"""Settings of how a region's data is saved and how it comes back."""

from typing import Annotated

from pydantic import Field

from stacks.operations_settings import Days
from stacks.setting_types import Settings, Text, Whole

Hour = Annotated[Whole, Field(ge=0, le=23)]


class BackupSettings(Settings):
    """Nightly dumps, archived logs, Velero and the monthly restore drill; `{}` for the game's own figures."""

    hour: Hour = Field(default=2, description="hour of the day (UTC) at which dumps and Velero's backup begin")
    retention_days: Days = Field(default=30, description="days that a backup is kept")
    archive_minutes: Annotated[Whole, Field(ge=1, le=60)] = Field(
        default=5, description="minutes between two rounds of the binary log's archiver; bound by what may be lost"
    )
    drill_day: Annotated[Whole, Field(ge=1, le=28)] = Field(
        default=3, description="day of each month on which the restore is proved"
    )
    expected_gib: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=10, description="GiB of MySQL's data at most; bound by how long a restore may take"
    )
    daily_log_gib: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=5, description="GiB of binary logs of a day at most; they are replayed after the load"
    )
    copy_to: Text | None = Field(
        default=None, description="another AWS region, such as us-west-2, in which every backup has a copy"
    )
