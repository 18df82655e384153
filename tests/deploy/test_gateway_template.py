"""W-13: the template of the API Gateway is one that CloudFormation knows, and says what our door reads."""

from pathlib import Path
from typing import Any, Final

import pytest
from cfnlint import lint
from cfnlint.decode import decode

from mangaassist.assembly import gateway_function
from mangaassist.edge.api_gateway import door
from mangaassist.edge.routes import ROUTES

TEMPLATE: Final = Path("deploy/api_gateway/template.yaml")
HEADER: Final = "integration.request.header."


CONNECTS_A_SECOND: Final = 500
"""The vendor's quota of an account."""


def decoded() -> dict[str, Any]:
    read: Any = decode(str(TEMPLATE))
    return dict(read[0])


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return dict(decoded()["Resources"])


def test_cloudformations_linter_finds_nothing_wrong() -> None:
    assert lint(TEMPLATE.read_text()) == []


def test_each_route_of_ours_has_its_integration(resources: dict[str, Any]) -> None:
    addresses = {
        each["Properties"]["IntegrationUri"]["Fn::Sub"] for each in _of_kind(resources, "Integration", "ByHttp")
    }
    ours = {route.path for route in ROUTES if route.path.startswith("/gateway/")}
    assert {address.removeprefix("${Address}") for address in addresses} == ours
    keys = {each["Properties"]["RouteKey"] for each in _of_kind(resources, "Route")}
    assert keys == {"$connect", "$default", "$disconnect"}


def test_the_headers_that_are_mapped_are_those_that_the_door_reads_and_hold_what_it_takes_them_for(
    resources: dict[str, Any],
) -> None:
    known = {door.KEY: {"Fn::Sub": "'${Key}'"}, door.CONNECTION: "context.connectionId"}
    told = {door.CONNECTED_AT: "context.connectedAt", door.SOURCE: "context.identity.sourceIp"}
    asked = {header: f"route.request.querystring.{name}" for name, header in door.ASKED.items()}
    shown = {
        door.CLIENTS + name.lower(): f"route.request.header.{name}"
        for name in ("Authorization", "Cookie", "Origin", "Sec-WebSocket-Protocol")
    }
    assert {door.CLIENTS + name for name in door.SHOWN} <= set(shown)
    assert _mapped(resources["ConnectByHttp"]) == {**known, **told, **asked, **shown}
    assert _mapped(resources["DefaultByHttp"]) == _mapped(resources["DisconnectByHttp"]) == known


def _mapped(integration: dict[str, Any]) -> dict[str, Any]:
    """By the name of the header that we are sent."""
    parameters = integration["Properties"]["RequestParameters"].items()
    return {name.removeprefix(HEADER).lower(): told for name, told in parameters if name.startswith(HEADER)}


def test_who_comes_back_to_a_session_is_routed_by_it(resources: dict[str, Any]) -> None:
    """By the name that the balancer and the ingress read."""
    mapped = resources["ConnectByHttp"]["Properties"]["RequestParameters"]
    assert mapped["integration.request.querystring.session_id"] == "route.request.querystring.session_id"
    assert "url_param(session_id)" in Path("deploy/compose/haproxy.cfg").read_text(encoding="utf-8")


def test_a_usage_plan_holds_for_the_stage_where_it_is_wanted(resources: dict[str, Any]) -> None:
    plan = resources["Plan"]
    assert (plan["Type"], plan["Condition"]) == ("AWS::ApiGateway::UsagePlan", "HasUsagePlan")
    assert plan["Properties"]["ApiStages"] == [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "StageName"}}]
    assert plan["Properties"]["Throttle"]["RateLimit"] > 0
    assert resources["ConnectRoute"]["Properties"]["ApiKeyRequired"] == {"Fn::If": ["HasUsagePlan", True, False]}


def test_failures_slowness_refusals_and_nine_tenths_of_the_connects_raise_an_alarm(resources: dict[str, Any]) -> None:
    alarms = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::CloudWatch::Alarm"]
    asked = {alarm["MetricName"]: alarm["Threshold"] for alarm in alarms}
    assert set(asked) == {"IntegrationError", "ExecutionError", "IntegrationLatency", "ClientError", "ConnectCount"}
    assert asked["IntegrationLatency"] < 29_000
    assert asked["ConnectCount"] == {"Ref": "ConnectsPerMinuteAlarm"}
    assert decoded()["Parameters"]["ConnectsPerMinuteAlarm"]["Default"] == 0.9 * CONNECTS_A_SECOND * 60
    told = {"Fn::If": ["HasTopic", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    of_this_stage = [{"Name": "ApiId", "Value": {"Ref": "Api"}}, {"Name": "Stage", "Value": {"Ref": "StageName"}}]
    assert all((alarm["AlarmActions"], alarm["Dimensions"]) == (told, of_this_stage) for alarm in alarms)


def test_the_functions_are_there_under_the_names_that_are_called(resources: dict[str, Any]) -> None:
    for each in (resources["RoutesFunction"], resources["AuthorizerFunction"]):
        module, _, name = each["Properties"]["Handler"].rpartition(".")
        assert module == gateway_function.__name__
        assert callable(getattr(gateway_function, name))


def test_nothing_is_longer_than_an_integration_may_be_and_no_words_of_shoppers_are_traced(
    resources: dict[str, Any],
) -> None:
    assert {each["Properties"]["TimeoutInMillis"] for each in _of_kind(resources, "Integration")} == {29000}
    assert resources["Stage"]["Properties"]["DefaultRouteSettings"]["DataTraceEnabled"] is False


def _of_kind(resources: dict[str, Any], kind: str, condition: str | None = None) -> list[Any]:
    return [
        each
        for each in resources.values()
        if each["Type"] == f"AWS::ApiGatewayV2::{kind}" and condition in (None, each.get("Condition"))
    ]
