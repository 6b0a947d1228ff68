"""Why a change of the map by hand is refused; each names the offending person, record or event."""


class IdentityRefused(Exception):
    """The map was not changed."""


class PersonNotLive(IdentityRefused):
    """The person was merged away, emptied or erased, or never was."""


class NotAProperPart(IdentityRefused):
    """A split must name some, not all, of the person's records and nobody else's."""


class ReviewGone(IdentityRefused):
    """The question is no longer open, or concerns persons out of reach."""


class CannotUndo(IdentityRefused):
    """The event is of a kind that has no undo, or its records have moved on since: undo the later event first."""
