"""Who is seen in the mall in which things break. Half of them are enrolled: their sightings raise alerts."""

from recognition.people.embeddings import SPACE

__all__ = ["ENROLLED", "PEOPLE", "SIGHTING_GAP_S", "SPACE"]

PEOPLE = 10
ENROLLED = range(0, PEOPLE, 2)
# So short that each person's sightings at a camera end and begin again all the time, and alerts with them.
SIGHTING_GAP_S = 1.0
