"""The search attributes: Temporal must know them before a workflow writes one, which else hangs."""

import asyncio

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client

from schemas import names
from schemas.names import Kind

_TYPES = {
    Kind.KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    Kind.KEYWORD_LIST: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    Kind.DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    Kind.INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
}

SEARCH_ATTRIBUTES = {one.name: _TYPES[one.kind] for one in names.SEARCH_ATTRIBUTES}
"""What a namespace must have, as its server names the kinds."""

LOOK_EVERY_SECONDS = 0.5


async def register_search_attributes(client: Client) -> list[str]:
    """Add those of our search attributes that the client's namespace does not have yet.

    Returns:
        Their names, in the order of ours.

    Raises:
        RPCError: the server can't be reached, or does not know the namespace.
    """
    missing = await missing_search_attributes(client)
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: SEARCH_ATTRIBUTES[name] for name in missing},
            )
        )
    return missing


async def await_search_attributes(client: Client) -> None:
    """Wait until a namespace has them all: a server of several parts takes some seconds."""
    while await missing_search_attributes(client):
        await asyncio.sleep(LOOK_EVERY_SECONDS)  # the server tells nobody when it has them


async def missing_search_attributes(client: Client) -> list[str]:
    """Return those of our search attributes that the client's namespace does not have yet.

    Raises:
        RPCError: the server can't be reached, or does not know the namespace.
    """
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [name for name in SEARCH_ATTRIBUTES if name not in known.custom_attributes]
