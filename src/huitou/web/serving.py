"""The WSGI application as `huitou serve` runs it: one that has begun to read what its first pages need."""

from huitou.web.wsgi import application

__all__ = ["application"]


def _begin() -> None:
    from huitou.web.warming import addresses_read, warm_up  # the pages stand on the apps, which the application has loaded

    addresses_read()
    warm_up()


_begin()
