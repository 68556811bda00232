"""A process that serves names: refreshes all the time, and answers each line on its input with the names it serves."""

import json
import sys
import threading
import time

import django

django.setup()

from recognition.people.gallery import LiveGallery, live_gallery  # noqa: E402  (needs the models)


def keep_fresh(live: LiveGallery) -> None:
    while True:
        live.refresh()
        time.sleep(0.02)


if __name__ == "__main__":
    gallery = live_gallery()
    threading.Thread(target=keep_fresh, args=(gallery,), daemon=True).start()
    for _ in sys.stdin:
        print(json.dumps(sorted(gallery.current().names.values())), flush=True)  # noqa: T201
