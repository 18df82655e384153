"""S-5, S-7, T-3: a seeded part of the matrix against real processes; `make matrix` asks all of it."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from benchmarks.matrix import truth
from benchmarks.matrix.cells import FAULTS, SHOPPERS, Block, Cell
from benchmarks.matrix.judging import TIME
from benchmarks.matrix.playing import answered, faulty, judged
from benchmarks.system import Running, running, sign_in
from mangaassist.domain.customers import Identity
from mangaassist.domain.intents import Intent
from mangastore.faults.board import SERVICES, ServiceName

SEED = 20
NEEDED_BY: dict[ServiceName, Intent] = {
    "catalog": Intent.RECOMMENDATION,
    "pricing": Intent.PRODUCT_QUESTION,
    "inventory": Intent.PRODUCT_QUESTION,
    "reviews": Intent.PRODUCT_QUESTION,
    "recommendations": Intent.RECOMMENDATION,
    "profile": Intent.CHITCHAT,
    "orders": Intent.ORDER_TRACKING,
    "shipping": Intent.ORDER_TRACKING,
    "returns": Intent.RETURN_REQUEST,
    "promotions": Intent.PROMOTION,
}
"""An intent whose answer rests on the service."""
PATIENT = {"MANGAASSIST_TIMEOUT_FACTOR": "5"}
"""Time limits that a busy machine keeps, and a slow service does not."""


def part() -> list[Cell]:
    """Each service under two faults, every fault at least once: a customer who needs it, and anybody with anything."""
    chance = random.Random(SEED)
    faults = [*FAULTS]
    chance.shuffle(faults)
    cells = list[Cell]()
    for number, service in enumerate(SERVICES):
        first, second = faults[number % len(faults)], faults[(number + 1) % len(faults)]
        cells.append(Cell(service, first, NEEDED_BY[service], "aiko"))
        cells.append(Cell(service, second, chance.choice([*Intent]), chance.choice(SHOPPERS)))
    return cells


@pytest.fixture(scope="module")
def fresh(system: Running, first_start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An assistant that has asked the store nothing yet: nothing is kept, and every breaker is closed."""
    data: Path = tmp_path_factory.mktemp("fire")
    shutil.copytree(
        first_start.data, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.log", "store", "*.lock")
    )
    beside = {
        "MANGAASSIST_STORE__URL": system.store_url,
        "MANGAASSIST_STORE__GRPC": system.grpc,
        "MANGAASSIST_IDENTITY__ISSUER": system.store_url,
    }
    with running(data, ("serve",), {**PATIENT, **beside}) as started:
        yield structs.replace(started, store_url=system.store_url, grpc=system.grpc)


async def test_under_fire_what_is_said_is_true_and_what_is_missing_is_told(system: Running, fresh: Running) -> None:
    cells, token = part(), await sign_in(system, "aiko")
    known = await truth.read(system.store_url, system.grpc, Identity("cus-aiko", token))
    healthy = {
        (cell.ask.message, cell.who): await answered(system, cell.ask.message, cell.who, token) for cell in cells
    }
    known = structs.replace(known, healthy=healthy)
    wrong = list[tuple[Cell, tuple[str, ...]]]()
    for cell in cells:
        async with faulty(system.store_url, Block(cell.service, cell.fault)):
            told = await judged(fresh, cell, token, known)
        wrong += [(cell, told.wrong)] if any(not one.startswith(TIME) for one in told.wrong) else []
    assert wrong == []
