"""The door before the catalogue: what ``door.py`` does to answers over HTTP, done to those over gRPC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias

import grpc
import grpc.aio
from google.protobuf.message import Message

from mangaproto import catalog_pb2 as pb
from mangastore.faults.board import Fault, FaultBoard
from mangastore.faults.spoils import cut_off, spoilt_message

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class CatalogDoor(grpc.aio.ServerInterceptor):
    """Costs one look at an empty board while nothing is faulty.

    `stranger` gives a product that is put in the place of those that were asked for.
    """

    def __init__(self, board: FaultBoard, stranger: Callable[[], pb.Product]) -> None:
        self._board, self._stranger = board, stranger

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Handler | None]], handler_call_details: Any
    ) -> Handler | None:
        """Serve one call."""
        handler = await continuation(handler_call_details)
        fault = None if self._board.clear_everywhere else self._board.strike("catalog")
        if fault is None or handler is None:  # no such method
            return handler
        match fault.mode:
            case "slow":
                await asyncio.sleep(fault.delay_ms / 1000)
                return handler
            case "fail" | "flap":
                return _refusing(handler)
            case "cut" | "wrong":
                return _answering(handler, self._spoilt_by(fault))

    def _spoilt_by(self, fault: Fault) -> Callable[[Message], bytes]:
        if fault.mode == "cut":
            return lambda message: cut_off(message.SerializeToString())
        spoil = self._board.spoil(fault)
        return lambda message: spoilt_message(spoil, message, self._stranger())


def _answering(handler: Handler, serialize: Callable[[Message], bytes]) -> Handler:
    """The same method with answers that are spoilt on their way out."""
    if handler.unary_stream is not None:
        return grpc.unary_stream_rpc_method_handler(handler.unary_stream, handler.request_deserializer, serialize)
    assert handler.unary_unary is not None
    return grpc.unary_unary_rpc_method_handler(handler.unary_unary, handler.request_deserializer, serialize)


def _refusing(handler: Handler) -> Handler:
    """A method that is down."""

    async def refuse(_: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        await context.abort(grpc.StatusCode.UNAVAILABLE, "the catalog service is down")

    async def refuse_stream(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:
        yield await refuse(request, context)

    if handler.unary_stream is not None:
        return grpc.unary_stream_rpc_method_handler(refuse_stream)
    return grpc.unary_unary_rpc_method_handler(refuse)
