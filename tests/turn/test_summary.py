"""T-4: what older turns were about, in words, however long the conversation."""

from mangaassist.turn.summary import LONGEST, summarised


def test_a_turn_is_summed_up_by_what_was_asked_and_shown() -> None:
    assert summarised("", ["price", "stock"], ["Uzumaki"]) == (
        "wanted to know what a book costs and know whether a book is in stock (Uzumaki)"
    )
    assert summarised("", ["track"]) == "wanted to see where an order is"


def test_the_newest_stands_last_and_nothing_twice() -> None:
    first = summarised("", ["track"])
    both = summarised(first, ["price"])
    assert both == "wanted to see where an order is; wanted to know what a book costs"
    assert summarised(both, ["track"]) == "wanted to know what a book costs; wanted to see where an order is"


def test_small_talk_and_what_nobody_knows_leave_nothing() -> None:
    assert summarised("before", ["greeting", "thanks", "no such act"], ["Uzumaki"]) == "before"


def test_it_never_grows_beyond_its_bound_and_the_oldest_goes_first() -> None:
    summary = ""
    for number in range(100):
        summary = summarised(summary, ["price"], [f"Volume {number}"])
        assert len(summary) <= LONGEST
    assert summary.endswith("(Volume 99)")
    assert "(Volume 0)" not in summary
    assert len(summarised("", ["price"], ["x" * 1000])) == LONGEST
