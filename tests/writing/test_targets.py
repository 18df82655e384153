"""O-5: which target of a model is called next."""

from mangaassist.models.writers.targets import THROTTLED_S, Targets


def test_what_is_paid_for_anyway_is_called_first() -> None:
    assert Targets(("provisioned", "demand")).order(0.0) == ("provisioned", "demand")


def test_who_was_throttled_is_passed_over_for_a_while_and_then_preferred_again() -> None:
    targets = Targets(("provisioned", "demand"))
    targets.throttled("provisioned", 10.0)
    assert targets.order(10.0 + THROTTLED_S - 0.01) == ("demand",)
    assert targets.order(10.0 + THROTTLED_S) == ("provisioned", "demand")


def test_where_all_are_throttled_all_are_tried() -> None:
    targets = Targets(("provisioned", "demand"))
    for target in ("provisioned", "demand"):
        targets.throttled(target, 10.0)
    assert targets.order(11.0) == ("provisioned", "demand")
