"""Everything that comes back with the clock, in one table. A run that is due while the last one works waits for its end."""

from datetime import time, timedelta

from huitou.apps.base.jobs import Schedule

SCHEDULES = (
    Schedule("builds.pull_all", every=timedelta(seconds=60)),
    Schedule("builds.intake", every=timedelta(seconds=10)),
    Schedule("builds.cycle", every=timedelta(seconds=30)),
    Schedule("identity.resolve_everything", daily_at=time(2, 20)),  # the base of the night is built on the map that it leaves
    Schedule("builds.base", daily_at=time(3, 10)),
    Schedule("privacy.access_seal", every=timedelta(seconds=60)),
    Schedule("privacy.erase_due", every=timedelta(minutes=5)),
    Schedule("gateway.deliver", every=timedelta(seconds=60)),
    Schedule("intake.watch", every=timedelta(seconds=60)),
    Schedule("intake.forget_uploads", daily_at=time(4, 40)),
    Schedule("attributes.expire", daily_at=time(0, 5)),
    Schedule("value.tags_expire", daily_at=time(0, 5)),
    Schedule("tasks.settle", daily_at=time(4, 20)),
    Schedule("base.clean_up", every=timedelta(hours=1)),
)
