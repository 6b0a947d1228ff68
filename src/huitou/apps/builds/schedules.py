"""Everything that comes back with the clock, in one table."""

from datetime import timedelta

from huitou.apps.base.jobs import Schedule

SCHEDULES = (Schedule("base.clean_up", every=timedelta(hours=1)),)
