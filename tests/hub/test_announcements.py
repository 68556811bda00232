"""The hub's copy of an epoch."""

from recognition.hub import keys
from recognition.hub.announcements import announce_epoch
from recognition.node.connections import Redis


def test_it_is_raised_and_never_lowered(hub: Redis) -> None:
    for number in (4, 6, 5):
        announce_epoch(hub, "gallery", number)
    assert hub.get(keys.epoch("gallery")) == b"6"


def test_each_epoch_has_its_own(hub: Redis) -> None:
    announce_epoch(hub, "gallery", 4)
    announce_epoch(hub, "registry", 2)
    assert hub.get(keys.epoch("registry")) == b"2"


def test_who_listens_is_told_of_each_rise_once(hub: Redis) -> None:
    heard = hub.pubsub(ignore_subscribe_messages=True)
    heard.subscribe(keys.EPOCHS_CHANNEL)
    heard.get_message(timeout=1)  # that it has subscribed
    for number in (4, 4, 3, 5):
        announce_epoch(hub, "gallery", number)
    hub.publish(keys.EPOCHS_CHANNEL, "end")
    told = []
    while (message := heard.get_message(timeout=1)) and message["data"] != b"end":
        told.append(message["data"])
    heard.close()
    assert told == [b"gallery 4", b"gallery 5"]
