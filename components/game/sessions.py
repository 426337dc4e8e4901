"""What keeps the players of a pod safe: the label that says whether there are any, and the time to let them go."""

# One label per pod, flipped by whoever knows the players; unknown counts as busy, and pods are born unknown.
SESSION_LABEL = "session"
UNKNOWN = "unknown"
BUSY = "busy"
PROTECTED_SESSIONS = (BUSY, UNKNOWN)

# CoreDNS caches an address for 30 s: until then new players may still be sent to a world that is about to stop.
WITHDRAWAL_SECONDS = 30
# A full world of 2000 players says goodbye and writes its last state to its own volume.
SAVE_SECONDS = 60
# What kubelet and the runtime need between the steps, so that the kill never comes in the middle of a save.
MARGIN_SECONDS = 10


def termination_grace_seconds() -> int:
    """Time from the order to stop to the kill: withdraw, save, and a margin."""
    return WITHDRAWAL_SECONDS + SAVE_SECONDS + MARGIN_SECONDS
