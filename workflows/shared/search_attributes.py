"""The search attributes, typed as the SDK takes them; ``schemas.names`` says what each holds."""

from typing import Any

from temporalio.common import SearchAttributeKey

from schemas import names

STAGE = SearchAttributeKey.for_keyword(names.STAGE.name)
CATEGORY = SearchAttributeKey.for_keyword(names.CATEGORY.name)
AWAITING_ROLES = SearchAttributeKey.for_keyword_list(names.AWAITING_ROLES.name)
WAITING_SINCE = SearchAttributeKey.for_datetime(names.WAITING_SINCE.name)
REVIEW_DUE = SearchAttributeKey.for_datetime(names.REVIEW_DUE.name)
REJECTED_MESSAGES = SearchAttributeKey.for_int(names.REJECTED_MESSAGES.name)

ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    STAGE,
    CATEGORY,
    AWAITING_ROLES,
    WAITING_SINCE,
    REVIEW_DUE,
    REJECTED_MESSAGES,
)
