"""Every error of the AWS client has a kind of ours, and retry follows from it."""

from typing import get_args

import botocore.session
import pytest
from botocore import exceptions as aws
from botocore.retries import standard

from mangaassist.conversation.sessions import SESSIONS
from mangaassist.errors import FailureKind
from mangaassist.stores.aws.failures import CODES, CONDITION_FAILED, MODEL_KINDS, aws_failure

OPERATIONS = {
    "dynamodb": ("Query", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "DescribeTable", "CreateTable"),
    "kinesis": ("PutRecords", "DescribeStreamSummary"),
    "bedrock-runtime": ("InvokeModel", "ApplyGuardrail"),
    "comprehend": ("DetectPiiEntities",),
    "sagemaker-runtime": ("InvokeEndpoint",),
    "personalize-runtime": ("GetRecommendations",),
}
MODELS = {service: botocore.session.get_session().get_service_model(service) for service in OPERATIONS}
DECLARED = {
    shape.name
    for service, names in OPERATIONS.items()
    for name in names
    for shape in MODELS[service].operation_model(name).error_shapes
}


def reply(code: str, status: int = 400) -> aws.ClientError:
    told = {"Error": {"Code": code, "Message": "as they said"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return aws.ClientError(told, "PutItem")


def family(root: type[Exception]) -> set[type[Exception]]:
    return {root}.union(*map(family, root.__subclasses__()))


@pytest.mark.parametrize("code", sorted(DECLARED - {CONDITION_FAILED}))
def test_every_error_that_our_operations_declare_has_a_kind(code: str) -> None:
    assert code in CODES


TRANSIENT = sorted(
    {
        *standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
        *standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES,
    }
)


@pytest.mark.parametrize("code", TRANSIENT)
def test_what_the_client_itself_would_try_again_may_pass(code: str) -> None:
    failure = aws_failure(SESSIONS, reply(code))
    assert failure.transient


@pytest.mark.parametrize(
    "kind", sorted(family(aws.HTTPClientError), key=lambda kind: kind.__name__), ids=lambda k: k.__name__
)
def test_every_failure_of_the_network_may_pass(kind: type[Exception]) -> None:
    failure = aws_failure(SESSIONS, kind.__new__(kind))
    assert failure.transient


@pytest.mark.parametrize(
    "kind", [aws.NoCredentialsError, aws.NoRegionError, aws.ProfileNotFound, aws.ParamValidationError]
)
def test_a_wrong_setup_does_not_pass_by_itself(kind: type[Exception]) -> None:
    failure = aws_failure(SESSIONS, kind.__new__(kind))
    assert failure.kind == "rejected"


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "rejected"), (403, "rejected"), (500, "error"), (503, "error"), (200, "contract")]
)
def test_a_code_without_a_row_is_judged_by_its_status(status: int, kind: str) -> None:
    failure = aws_failure(SESSIONS, reply("NovelException", status))
    assert (failure.kind, failure.detail) == (kind, "NovelException")


def test_the_words_of_the_vendor_are_not_told() -> None:
    assert "as they said" not in str(aws_failure(SESSIONS, reply("ValidationException")))


def test_what_the_client_stumbles_over_is_an_answer_that_is_none() -> None:
    failure = aws_failure(SESSIONS, AttributeError("'str' object has no attribute 'get'"))
    assert (failure.kind, failure.detail) == ("contract", "AttributeError")


def test_a_timeout_of_ours_is_one() -> None:
    failure = aws_failure(SESSIONS, TimeoutError())
    assert failure.kind == "timeout"


def test_every_kind_has_a_row_for_models() -> None:
    assert set(MODEL_KINDS) == set(get_args(FailureKind))
