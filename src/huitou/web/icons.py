"""The icons that the screens use; set-up copies exactly these from Tabler into one file."""

_NAMES = """
    alert-circle alert-triangle arrow-left arrow-narrow-down arrow-narrow-up arrow-right ban building-store calendar
    cash-register check chevron-down chevron-left chevron-right chevron-up circle-check clock coin database device-desktop
    download eye eye-off file-text filter git-merge headset history hourglass id-badge-2 inbox info-circle key language
    lock logout mail map-pin message-2 mood-empty moon package phone receipt receipt-off receipt-refund refresh rotate
    search settings shield-check shield-lock shopping-cart stack-2 sun tag ticket user user-circle users users-group world x
    access-point adjustments adjustments-horizontal affiliate alert-circle alert-octagon alert-triangle api archive
    arrow-back-up arrow-left arrow-narrow-down arrow-narrow-up arrow-right arrows-split ban baseline-density-medium
    bell bolt brand-wechat building-store cake calendar calendar-event cash-register chart-bar chart-dots chart-line
    check checkbox chevron-down chevron-left chevron-right chevron-up chevrons-left chevrons-right circle-check
    circle-plus circle-x clipboard-check clipboard-list clock cloud-off coin columns-3 command copy database
    database-export database-import device-desktop device-floppy device-mobile discount dots dots-vertical download
    external-link eye eye-off file-export file-import file-text filter filter-off flame flask gauge gender-bigender
    gift git-branch git-fork git-merge headset heart heart-handshake help history history-toggle home hourglass
    id-badge-2 inbox info-circle key keyboard language layout-dashboard layout-grid layout-kanban
    layout-sidebar-left-collapse layout-sidebar-left-expand link list list-check list-details lock logout mail map
    map-pin map-search math-function message-2 minus mood-empty mood-smile moon note notes package pencil phone
    phone-call pin pinned player-pause player-play plus question-mark receipt receipt-off receipt-refund refresh
    report-analytics robot rotate route scale search send settings share shield-check shield-lock shopping-bag
    shopping-cart sort-ascending sort-descending sparkles speakerphone stack-2 star sun table tag tags target-arrow
    template thumb-down thumb-up ticket tool trash trending-down trending-up truck upload user user-check
    user-circle user-off user-plus user-share users users-group versions webhook world x
    search settings activity upload arrow-back-up player-play shopping-cart stack-2 sun tag ticket user user-circle users world x
"""
ICONS = frozenset(_NAMES.split())
