"""O-6: faults are injected only where the settings allow it, in the trail first, and what stands in the way is said in words."""

import pytest

from mangaassist.console.faults import NO_FAULTS, OFF, FaultsDesk
from mangaassist.console.trail import Trail
from mangaassist.errors import AssistantError, Forbidden, NotFound, ServiceFailure
from mangaassist.testing.clock import START, FakeClock
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_faults import MemoryFaults
from mangaassist.wire.console_faults import FaultRequest, FaultsView

FAULT = FaultRequest(service="pricing", mode="slow", for_s=60.0)


class Refusing(MemoryFaults):
    def __init__(self, refusal: AssistantError) -> None:
        super().__init__(FakeClock())
        self._refusal = refusal

    async def faults(self) -> FaultsView:
        raise self._refusal


@pytest.fixture
def audit() -> MemoryAuditLog:
    return MemoryAuditLog()


@pytest.fixture
def trail(audit: MemoryAuditLog) -> Trail:
    return Trail(audit, lambda: START)


def deeds(audit: MemoryAuditLog) -> list[tuple[str, str | None, str]]:
    return [(entry.kind, entry.customer_id, entry.original) for entry in audit.kept]


async def test_where_the_settings_allow_none_nothing_is_injected_and_the_page_says_why(
    trail: Trail, audit: MemoryAuditLog
) -> None:
    desk = FaultsDesk(None, trail)
    assert (await desk.look("oda"), desk.is_allowed) == (FaultsView(why=OFF), False)
    for deed in (desk.inject("oda", FAULT), desk.end("oda", None)):
        with pytest.raises(Forbidden, match=r"console\.faults"):
            await deed
    assert [kind for kind, *_ in deeds(audit)] == ["console_faults"]


async def test_who_injects_what_and_who_ends_it_is_in_the_trail(trail: Trail, audit: MemoryAuditLog) -> None:
    desk = FaultsDesk(MemoryFaults(FakeClock()), trail)
    (line,) = (await desk.inject("oda", FAULT)).faults
    assert (line.service, line.mode, line.left_s) == ("pricing", "slow", 60)
    assert (await desk.end("olaf", "pricing")).faults == ()
    await desk.end("olaf", None)
    assert deeds(audit) == [
        ("console_fault", "oda", '{"service":"pricing","mode":"slow","rate":1.0,"for_s":60.0}'),
        ("console_fault_end", "olaf", '{"service":"pricing"}'),
        ("console_fault_end", "olaf", '{"service":"all"}'),
    ]


async def test_what_cannot_be_audited_is_not_injected(trail: Trail, audit: MemoryAuditLog) -> None:
    async def away(*_: object) -> None:
        raise ServiceFailure("audit", "unreachable")

    store = MemoryFaults(FakeClock())
    audit.append = away
    with pytest.raises(ServiceFailure):
        await FaultsDesk(store, trail).inject("oda", FAULT)
    assert (await store.faults()).faults == ()


@pytest.mark.parametrize(
    ("refusal", "why"),
    [(NotFound("no such page"), NO_FAULTS), (Forbidden("From this machine only."), "From this machine only.")],
)
async def test_a_store_that_has_no_faults_or_lets_nobody_set_one_is_told_in_words(
    trail: Trail, refusal: AssistantError, why: str
) -> None:
    assert await FaultsDesk(Refusing(refusal), trail).look("oda") == FaultsView(why=why)
