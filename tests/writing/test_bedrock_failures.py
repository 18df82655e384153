"""Every error of Bedrock and of its client has a kind of ours, and what is done about it follows from that."""

import aiohttp
import botocore.session
import pytest
from botocore import exceptions as aws
from botocore.eventstream import ChecksumMismatch, InvalidPayloadLength

from mangaassist.models.writers.bedrock import STOPS
from mangaassist.models.writers.bedrock_failures import CODES, failure_of

MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
STREAM = MODEL.operation_model("ConverseStream")
REPLIES = {shape.name for shape in STREAM.error_shapes}
WITHIN = {name for name, shape in STREAM.get_event_stream_output().members.items() if shape.metadata.get("exception")}


def reply(code: str, status: int = 400) -> aws.ClientError:
    told = {"Error": {"Code": code, "Message": "as they said"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(told, "ConverseStream")


def family(root: type[Exception]) -> set[type[Exception]]:
    return {root}.union(*map(family, root.__subclasses__()))


@pytest.mark.parametrize("code", sorted(REPLIES))
def test_every_error_that_the_operation_declares_has_a_kind(code: str) -> None:
    assert code in CODES


@pytest.mark.parametrize("name", sorted(WITHIN))
def test_every_exception_that_may_end_a_stream_has_a_kind(name: str) -> None:
    told = {"Error": {"Code": name, "Message": "as they said"}}
    failure = failure_of("m", aws.EventStreamError(told, "ConverseStream"))
    assert failure.kind == CODES[failure.detail]
    assert failure.detail.lower() == name.lower()


def test_there_is_something_to_declare() -> None:
    assert {"ThrottlingException", "ModelTimeoutException"} <= REPLIES
    assert {"modelStreamErrorException", "throttlingException"} <= WITHIN


@pytest.mark.parametrize("reason", MODEL.shape_for("StopReason").enum)
def test_every_reason_to_stop_has_a_row(reason: str) -> None:
    assert reason in STOPS


@pytest.mark.parametrize(
    "code",
    ["ThrottlingException", "ServiceUnavailableException", "ModelNotReadyException", "ServiceQuotaExceededException"],
)
def test_what_is_asked_too_much_is_busy_so_that_another_target_is_tried(code: str) -> None:
    assert failure_of("m", reply(code, 429)).kind == "busy"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_what_was_wrong_with_the_call_does_not_pass_by_itself(code: str) -> None:
    assert not failure_of("m", reply(code)).transient


@pytest.mark.parametrize(
    "kind", sorted(family(aws.HTTPClientError), key=lambda kind: kind.__name__), ids=lambda k: k.__name__
)
def test_every_failure_of_the_network_may_pass(kind: type[Exception]) -> None:
    assert failure_of("m", kind.__new__(kind)).transient


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiohttp.ClientPayloadError(), "unreachable"),
        (aiohttp.SocketTimeoutError(), "timeout"),
        (ConnectionResetError(), "unreachable"),
        (ChecksumMismatch(1, 2), "unreachable"),
        (InvalidPayloadLength(1), "contract"),
        (aws.NoCredentialsError(), "rejected"),
        (AttributeError("'str' object has no attribute 'get'"), "contract"),
    ],
)
def test_what_breaks_on_the_way_has_a_kind(error: Exception, kind: str) -> None:
    failure = failure_of("m", error)
    assert (failure.kind, failure.detail) == (kind, type(error).__name__)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "rejected"), (403, "rejected"), (408, "timeout"), (429, "busy"), (500, "error"), (503, "busy")],
)
def test_a_code_without_a_row_is_judged_by_its_status(status: int, kind: str) -> None:
    failure = failure_of("m", reply("NovelException", status))
    assert (failure.kind, failure.detail) == (kind, "NovelException")


def test_the_words_of_the_vendor_are_not_told() -> None:
    assert "as they said" not in str(failure_of("m", reply("ValidationException")))
