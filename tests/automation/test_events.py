"""What is kept of an engine run's events."""

from pulumi.automation import EngineEvent
from pulumi.automation.events import DiagnosticEvent

from automation.events import RunEvents


def errors(*messages: str) -> list[str]:
    events = RunEvents("destroy", lambda verb, text: None)
    for message in messages:
        diagnostic = DiagnosticEvent(prefix="", message=message, color="never", severity="error")
        events.take(EngineEvent(sequence=1, timestamp=1, diagnostic_event=diagnostic))
    return events.errors


def test_the_sentence_of_a_wait_before_a_delete_stands_alone():
    sentence = "us-east-nodes cannot go: after 15 minutes there are still network interfaces on it: eni-1"
    wrapped = f'<{{%reset%}}>before hook "game-regions-network-interfaces-gone" failed: {sentence}\n<{{%reset%}}>'
    assert errors(wrapped, "update failed", wrapped) == [sentence]
