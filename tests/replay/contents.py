"""What stands in a recorded history: messages, deadlines, decisions and activities."""

import base64
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

Event = dict[str, Any]

PREFIX = "EVENT_TYPE_"


@lru_cache(maxsize=200)
def events(path: Path) -> tuple[tuple[str, Event], ...]:
    """Return the events of a history: the kind of each, and what it says."""
    found: list[Event] = json.loads(path.read_text(encoding="utf-8"))["events"]
    return tuple((event["eventType"].removeprefix(PREFIX), event) for event in found)


def said(event: Event) -> Event:
    """Return the attributes of an event."""
    (found,) = (value for name, value in event.items() if name.endswith("EventAttributes"))
    attributes: Event = found
    return attributes


def read(payload: Event) -> Any:
    """Return what a payload holds; None when it is no JSON."""
    data = base64.b64decode(payload.get("data", ""))
    try:
        return json.loads(data)
    except ValueError:
        return None


def payloads(content: Any) -> Iterator[str]:
    """Yield the text of every payload, wherever it stands."""
    if isinstance(content, list):
        for one in content:
            yield from payloads(one)
    elif isinstance(content, dict):
        if isinstance(content.get("data"), str):
            yield base64.b64decode(content["data"]).decode("utf-8", errors="replace")
        for value in content.values():
            yield from payloads(value)


def workflow_type(path: Path) -> str:
    """Return the type of the workflow whose history it is."""
    name: str = said(events(path)[0][1])["workflowType"]["name"]
    return name


def signals(path: Path) -> set[str]:
    """Return the names of the signals that came."""
    return {
        said(event)["signalName"]
        for kind, event in events(path)
        if kind == "WORKFLOW_EXECUTION_SIGNALED"
    }


def updates(path: Path) -> set[str]:
    """Return the names of the updates that were let in."""
    return {
        said(event)["acceptedRequest"]["input"]["name"]
        for kind, event in events(path)
        if kind == "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"
    }


def refused_updates(path: Path) -> int:
    """Return how many updates were let in, and answered with why they are not applied."""
    return sum(
        "failure" in said(event).get("outcome", {})
        for kind, event in events(path)
        if kind == "WORKFLOW_EXECUTION_UPDATE_COMPLETED"
    )


def passed(path: Path) -> set[str]:
    """Return the deadlines whose timer rang, by the first word of its summary."""
    begun = {
        event["eventId"]: read(event.get("userMetadata", {}).get("summary", {}))
        for kind, event in events(path)
        if kind == "TIMER_STARTED"
    }
    rang = [
        begun[said(event)["startedEventId"]]
        for kind, event in events(path)
        if kind == "TIMER_FIRED"
    ]
    return {summary.partition(" ")[0] for summary in rang if summary}


def given(path: Path, activity: str) -> list[Any]:
    """Return what an activity was asked, each time."""
    return [
        read(said(event)["input"]["payloads"][0]) if "input" in said(event) else None
        for kind, event in events(path)
        if kind == "ACTIVITY_TASK_SCHEDULED" and said(event)["activityType"]["name"] == activity
    ]


def answered(path: Path, activity: str) -> list[Any]:
    """Return what an activity answered, each time."""
    asked = {
        event["eventId"]
        for kind, event in events(path)
        if kind == "ACTIVITY_TASK_SCHEDULED" and said(event)["activityType"]["name"] == activity
    }
    return [
        read(said(event)["result"]["payloads"][0])
        for kind, event in events(path)
        if kind == "ACTIVITY_TASK_COMPLETED"
        and said(event)["scheduledEventId"] in asked
        and "result" in said(event)
    ]


def activities(path: Path) -> set[str]:
    """Return the names of the activities that were asked for."""
    return {
        said(event)["activityType"]["name"]
        for kind, event in events(path)
        if kind == "ACTIVITY_TASK_SCHEDULED"
    }
