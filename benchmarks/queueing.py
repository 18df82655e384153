"""How many processes it takes: single servers behind a balancer, simulated of what one was measured at (docs/scaling.md).

A process answers on one core, so that a turn's processor time is its service time. Turns arrive at random (Poisson) in the whole
fleet; a balancer gives each to a process, by its session or to whichever is free first. Seeded: it says the same each time.
"""

import heapq
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from benchmarks.measuring import Row, at_most, percentile

Times = NDArray[np.float64]

TURN_S: Final = 0.0099
"""Processor time of a turn (README, Numbers)."""
SPREAD: Final = 0.385
"""Of its logarithm: ln(27.2 / 11.1) / 2.326, of p50 and p99 of a whole answer (README, Numbers), waiting included."""
QUERIES: Final = 50_000.0
"""A second, in the whole fleet."""
FULL: Final = 0.5
"""The share of its core at which the autoscaler adds a process (deploy/chart/values.yaml)."""
LASTS_S: Final = 6.0
POINTS: Final = {"weight 1": 16, "weight 100": 1600}
"""Points of each server on HAProxy's ring: sixteen for each unit of its weight."""
LOADS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)


class Fleet(Struct, frozen=True):
    """``processes`` that get ``rate`` turns a second together for ``lasts_s`` seconds."""

    processes: int
    rate: float
    lasts_s: float = LASTS_S

    @property
    def load(self) -> float:
        return self.rate * TURN_S / self.processes


def needed(rate: float, full: float = FULL) -> int:
    """Processes for so many turns a second, none of which is fuller than ``full``."""
    return int(np.ceil(round(rate * TURN_S / full, 6)))


def turns(fleet: Fleet, random: np.random.Generator) -> tuple[Times, Times]:
    """When each comes, and what it costs, both in seconds."""
    count = random.poisson(fleet.rate * fleet.lasts_s)
    mean_of_log = np.log(TURN_S) - SPREAD**2 / 2
    return np.sort(random.uniform(0, fleet.lasts_s, count)), random.lognormal(mean_of_log, SPREAD, count)


def queued(came: Times, cost: Times) -> Times:
    """Seconds from coming to the end at one server that takes one after the other (Lindley's recursion, at once for all)."""
    before = np.concatenate(([0.0], np.cumsum(cost)[:-1]))
    return before - np.minimum.accumulate(before - came) - came + cost


def shares(processes: int, points: int, random: np.random.Generator) -> Times:
    """What part of the sessions each process gets: arcs between points that lie at random on a ring."""
    ring = random.gamma(points, size=processes)
    return ring / ring.sum()


def by_session(fleet: Fleet, points: int, random: np.random.Generator) -> Times:
    """Seconds that each turn takes where its session names the process."""
    came, cost = turns(fleet, random)
    given = random.choice(fleet.processes, len(came), p=shares(fleet.processes, points, random))
    order = np.argsort(given, kind="stable")
    ends = np.searchsorted(given[order], np.arange(1, fleet.processes))
    return np.concatenate([queued(came[one], cost[one]) for one in np.split(order, ends)])


def whoever_is_free(fleet: Fleet, random: np.random.Generator) -> Times:
    """Seconds that each turn takes where the first free process takes it: as good as a balancer can be."""
    came, cost = turns(fleet, random)
    free = [0.0] * fleet.processes
    took = np.empty_like(came)
    for at, (comes, costs) in enumerate(zip(came.tolist(), cost.tolist(), strict=True)):
        ends = max(comes, free[0]) + costs
        heapq.heapreplace(free, ends)
        took[at] = ends - comes
    return took


def expected_s(load: float) -> float:
    """The mean by Pollaczek and Khinchine, for one server of that load."""
    variation = np.exp(SPREAD**2) - 1
    return float(TURN_S * (1 + load * (1 + variation) / (2 * (1 - load))))


def curves() -> dict[str, list[float]]:
    """For each way to balance, the 99th percentile in milliseconds at each of ``LOADS``; fewer processes, the same at each load."""
    found: dict[str, list[float]] = {name: [] for name in (*POINTS, "whoever is free")}
    for load in LOADS:
        fleet = Fleet(processes=100, rate=100 * load / TURN_S)
        for name, points in POINTS.items():
            found[name].append(percentile(by_session(fleet, points, np.random.default_rng(1)), 99) * 1000)
        found["whoever is free"].append(percentile(whoever_is_free(fleet, np.random.default_rng(1)), 99) * 1000)
    return found


def rows(images: Path | None = None) -> list[Row]:
    """Also draws ``scaling.svg`` into ``images``."""
    if images is not None:
        from benchmarks import pictures

        pictures.scaling(LOADS, curves(), images / "scaling.svg")
    processes = needed(QUERIES)
    random = np.random.default_rng(50_000)
    one = queued(*turns(Fleet(processes=1, rate=FULL / TURN_S, lasts_s=2000), random))
    whole = Fleet(processes=processes, rate=QUERIES)
    even = by_session(whole, POINTS["weight 100"], random)
    uneven = by_session(whole, POINTS["weight 1"], random)
    lost = by_session(Fleet(processes=processes * 2 // 3, rate=QUERIES), POINTS["weight 100"], random)
    return [
        Row(what="processes for 50 000 queries a second, half full", value=processes, unit=""),
        Row(what="the same with a turn of 6 ms, the bar", value=np.ceil(QUERIES * 0.006 / FULL), unit=""),
        at_most("simulated mean beside the formula's", abs(one.mean() / expected_s(FULL) - 1) * 100, "%", 3),
        Row(what="a turn by session, weight 100: p50", value=percentile(even, 50) * 1000, unit="ms"),
        at_most("a turn by session, weight 100: p99", percentile(even, 99) * 1000, "ms", 60),
        Row(
            what="a turn by session, weight 1 (HAProxy's default): p99", value=percentile(uneven, 99) * 1000, unit="ms"
        ),
        Row(what="a third of the processes lost: load", value=QUERIES * TURN_S / (processes * 2 // 3) * 100, unit="%"),
        Row(what="a third of the processes lost: p50", value=percentile(lost, 50) * 1000, unit="ms"),
        Row(what="a third of the processes lost: p99", value=percentile(lost, 99) * 1000, unit="ms"),
    ]
