"""A pytest plugin, loaded before Django's settings: points the product at a folder and servers of its own."""

import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

FOLDER = Path(tempfile.mkdtemp(prefix="mv-test-"))
SOCKETS = {name: FOLDER / f"{name}.sock" for name in ("hub", "node-1", "node-2", "node-3")}

for name in [name for name in os.environ if name.startswith("MALLVISION_")]:
    del os.environ[name]
os.environ |= {
    "MALLVISION_DATA": str(FOLDER),
    "MALLVISION_SECRET_KEY": "only for tests",
    "MALLVISION_FIELD_KEYS": Fernet.generate_key().decode(),
    "MALLVISION_HUB_URL": f"unix://{SOCKETS['hub']}",
    "DJANGO_SETTINGS_MODULE": "mallvision.settings",
}
