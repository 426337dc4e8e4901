"""What keeps the players of a pod safe: the label that says whether there are any, and the time to let them go."""

from components.game.drain import drain_timers

# One label per pod, flipped by whoever knows the players; unknown counts as busy, and pods are born unknown.
SESSION_LABEL = "session"
UNKNOWN = "unknown"
BUSY = "busy"
PROTECTED_SESSIONS = (BUSY, UNKNOWN)

# Longer sessions are drained before the pod is told to stop: whoever still plays then has half an hour to move on.
WINDOW_SECONDS = 1800
# A full world of 2000 players says goodbye and writes its last state to its own volume.
SAVE_SECONDS = 60
# From a pod's end to its target's deregistration; the controller's queue and one refused call to AWS are in it.
RECONCILE_SECONDS = 15

# Of every pod that holds players. CoreDNS, which caches an address for 30 s, has long forgotten it when preStop ends.
DRAIN = drain_timers(window_seconds=WINDOW_SECONDS, save_seconds=SAVE_SECONDS, reconcile_seconds=RECONCILE_SECONDS)
