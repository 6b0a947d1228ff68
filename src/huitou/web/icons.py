"""The icons that the screens use; set-up copies exactly these from Tabler into one file."""

_NAMES = """
    alert-circle alert-triangle arrow-left arrow-narrow-down arrow-narrow-up arrow-right ban building-store calendar
    cash-register check chevron-down chevron-left chevron-right chevron-up circle-check clock coin database device-desktop
    download eye eye-off file-text filter git-merge headset history hourglass id-badge-2 inbox info-circle key language
    lock logout mail map-pin message-2 mood-empty moon package phone receipt receipt-off receipt-refund refresh rotate
    search settings shield-check shield-lock shopping-cart stack-2 sun tag ticket user user-circle users users-group world x
"""
ICONS = frozenset(_NAMES.split())
