"""What a caseworker notes where a task is closed: it is about whom the task is about."""

from datetime import date

from activities.secrecy.words import words_of
from activities.shared.tasks import Connection, close_task, whose_task


async def close_with_note(
    connection: Connection, task_id: int, *, today: date, by: str, note: str | None
) -> bool:
    """Close a task; False when it does not exist or is closed already.

    Raises:
        KeysUnavailable: the note can't be sealed for now; nothing was written.
    """
    if note is not None:
        whose = await whose_task(connection, task_id)
        note = await words_of(connection).seal(note, whose, "tasks.note", {"task_id": task_id})
    return await close_task(connection, task_id, today=today, by=by, note=note)
