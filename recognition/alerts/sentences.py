"""What system alerts say: %(about)s is the node's name, %(text)s the detail, which may be one of `recognition.reasons`.

The browser fills the same sentences in. No other % may stand in them, for there it would be shown as it is written.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, str | Promise] = {
    "node_down": _("Node %(about)s does not answer: the other nodes of its groups get its photos."),
    "node_degraded": _("Node %(about)s is degraded: %(text)s."),
    "hub_down": _("The hub does not answer: no snapshot is accepted until it does."),
    "hub_slow": _("The hub is slow: it answers after %(text)s ms."),
    "disk_full": _("The disk is %(text)s full: when nothing is left, nothing can be recorded."),
    "failing": _("Of the snapshots of the last five minutes %(text)s have failed or expired."),
    "collector_late": _("What nodes have answered is recorded late: the oldest has waited for %(text)s s."),
    "collector_silent": _("No collector is at work: what nodes have answered is not recorded until one is."),
    "monitor_silent": _("The monitor is silent: nobody looks after the nodes and overdue snapshots, or raises alerts."),
    "no_face": _("No camera has shown a face for %(text)s minutes or more, and the mall is open."),
}
