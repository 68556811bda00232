"""The one system alert that the monitor cannot raise: that it is silent itself."""

import time

from recognition.alerts.models import SystemAlert
from recognition.alerts.steadiness import Steadiness
from recognition.alerts.system import Finding
from recognition.collector.signs import MONITOR, SILENT_AFTER_S, LifeWatch

KIND = SystemAlert.Kind.MONITOR_SILENT


class MonitorWatch:
    """Looked through once a second by the active collector. A monitor that is back ends the alert as well."""

    def __init__(self) -> None:
        self._life = LifeWatch(MONITOR)
        self._steadiness = Steadiness()

    def look(self) -> None:
        silent = self._life.silent_s() > SILENT_AFTER_S
        self._steadiness.keep({KIND: [Finding(KIND)] if silent else []}, time.monotonic())
