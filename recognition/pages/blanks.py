"""Empty records: the wall's parts are drawn from them once more, as the <template>s that the browser clones."""

from typing import Any

RESULT: dict[str, Any] = {
    "number": "",
    "camera": None,
    "camera_name": "",
    "captured_at": "",
    "state": "done",
    "reason": "",
    "way": "",
    "node": "",
    "took_ms": None,
    "faces": [],
}
ALERT: dict[str, Any] = {
    "number": "",
    "camera_name": "",
    "person": None,
    "raised_at": "",
    "sighting": "",
    "late": False,
}
NODE: dict[str, Any] = {"name": "", "state": "up", "reason": "", "cordoned": False, "versions": [], "recipes": []}
GROUP: dict[str, Any] = {
    "slug": "",
    "name": "",
    "nodes": [],
    "spare": {"verdict": "unknown", "busiest": "", "load": None},
}
GROUP_NODE: dict[str, Any] = {"name": "", "state": "up", "weight": None, "share": None, "load": None}
TROUBLE: dict[str, Any] = {"kind": "", "about": "", "text": "", "severity": "", "since": ""}
