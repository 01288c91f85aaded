"""The letters of one membership: marked together where that may be, sent one after the other."""

from activities.letters.errors import Unreachable
from activities.letters.marking import mark, unmark
from activities.letters.postbox import Postbox
from activities.letters.sending import Attempt, LetterSender
from schemas.letters.contracts import LetterCursor


async def deliver(sender: LetterSender) -> list[str]:
    """Try each letter that waits once; return which must be tried again, and why."""
    store = sender.store
    letters = [
        LetterCursor(membership_id=store.membership_id, key=key)
        for key in await store.open_letters()
    ]
    marked: dict[LetterCursor, Attempt] = {}
    if len(letters) > 1 and await _is_there(sender.postbox):
        marked = await mark(store.connection, letters, store.today)
    waiting = []
    try:
        for letter in letters:
            # Of one that nobody can be given the mark is taken back.
            attempt = marked.pop(letter, None) if await _is_there(sender.postbox) else None
            why = await sender.send_letter(letter.key, attempt)
            if why is not None:
                waiting.append(f"{letter.key}: {why}")
    finally:
        await unmark(store.connection, marked)
    return waiting


async def _is_there(postbox: Postbox) -> bool:
    """Tell whether the mail server is there; a mark says that a letter may go out from now on."""
    try:
        await postbox.open()
    except Unreachable:
        return False
    return True
