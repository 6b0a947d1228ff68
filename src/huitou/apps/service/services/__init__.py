"""Writes of the service app."""

from huitou.apps.service.services.tickets_apply import tickets_apply, tickets_settle
from huitou.apps.service.services.tickets_follow import person_copied, tickets_erase, tickets_follow, tickets_withdraw

__all__ = ["person_copied", "tickets_apply", "tickets_erase", "tickets_follow", "tickets_settle", "tickets_withdraw"]
