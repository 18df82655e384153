"""S-1, column "cached": for so long and no longer, and never more than fits."""

from hypothesis import given
from hypothesis import strategies as st

from mangaassist.services.cache import TtlCache

STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "get"]), st.integers(0, 4), st.floats(0, 3)), min_size=1, max_size=120
)


@given(steps=STEPS, limit=st.integers(1, 4))
def test_it_behaves_like_a_list_of_recent_uses_cut_off_at_the_limit(
    steps: list[tuple[str, int, float]], limit: int
) -> None:
    cache: TtlCache[int] = TtlCache(ttl_s=10, limit=limit)
    model: dict[int, tuple[int, float]] = {}  # key -> value, put at; in order of use
    now = 0.0
    for number, (step, key, pause) in enumerate(steps):
        now += pause
        if step == "put":
            cache.put(key, number, now)
            model.pop(key, None)
            model[key] = (number, now)
            if len(model) > limit:
                del model[next(iter(model))]
        else:
            kept = model.pop(key, None)
            fresh = kept is not None and now < kept[1] + 10
            if kept is not None and fresh:
                model[key] = kept
            assert cache.get(key, now) == (kept[0] if kept is not None and fresh else None)
        assert len(cache) == len(model) <= limit


def test_what_was_used_lately_stays_and_what_lay_idle_goes() -> None:
    cache: TtlCache[str] = TtlCache(ttl_s=10, limit=2)
    cache.put("used", "u", 0.0)
    cache.put("idle", "i", 0.0)
    assert cache.get("used", 0.0) == "u"
    cache.put("new", "n", 0.0)
    assert [cache.get(key, 0.0) for key in ("used", "idle", "new")] == ["u", None, "n"]


@given(age=st.floats(0, 1000), ttl=st.floats(0.1, 500))
def test_a_value_of_its_full_age_is_never_given_out(age: float, ttl: float) -> None:
    cache: TtlCache[str] = TtlCache(ttl, limit=1)
    cache.put("k", "v", 0.0)
    assert cache.get("k", age) == ("v" if age < ttl else None)
