"""Answers of who wants a person: how to get one, whether anybody is there now, in the tone that the shopper needs."""

from collections.abc import Iterator
from math import ceil
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.handoff import Person
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered, first_name, nothing_more
from mangaassist.models.writers.offline.opening_hours import holiday_today, hours_in_words, next_opening
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import paragraphs

offer_next = nothing_more


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    return answered(task, phrasing, _ROWS, Act.HUMAN)


def suggestions(task: WritingTask) -> Iterator[str]:
    if not task.meaning.upset:
        yield from ("What are your support hours?", "Where is my order?")


def _human(task: WritingTask, phrasing: Phrasing) -> str:
    """A colleague takes over only while one is there; else the chat is left for one. What is asked for already is no button."""
    if (person := task.evidence.person) is not None:
        return _asked_for(task, phrasing, person)
    away = task.evidence.derived.open_now is False
    key = f"escalation.{_BY_MOOD[task.meaning.upset, away]}"
    return paragraphs(phrasing.say(key, name=first_name(task)), _when(task, phrasing))


def _asked_for(task: WritingTask, phrasing: Phrasing, person: Person) -> str:
    """That a person was asked for, who waits where and for how long, and what the shopper can do until then."""
    if person.state == "left_message":
        key = "left" if person.is_new else "left_before"
        return paragraphs(phrasing.say(f"escalation.{key}", name=first_name(task)), _when(task, phrasing))
    key = "still" if not person.is_new else "asked_upset" if task.meaning.upset else "asked"
    told = phrasing.say(f"escalation.{key}", name=first_name(task))
    return paragraphs(" ".join(filter(None, (told, _place(phrasing, person)))), phrasing.say("escalation.meanwhile"))


def _place(phrasing: Phrasing, person: Person) -> str:
    if person.position is None:
        return ""
    key = "next" if person.position == 1 else "place"
    place = phrasing.say(f"escalation.{key}", position=str(person.position))
    if person.eta_s is None:
        return place
    minutes = ceil(person.eta_s / 60)
    wait = phrasing.say("escalation.minute" if minutes == 1 else "escalation.minutes", minutes=str(minutes))
    return f"{place} {wait}"


_BY_MOOD: Final = {
    (False, False): "person",
    (True, False): "upset",
    (False, True): "left_now",
    (True, True): "upset_left",
}


def _callback(task: WritingTask, phrasing: Phrasing) -> str:
    """Nobody is promised a call that the store does not make."""
    support = task.evidence.facts.support
    if support.calls_back:
        return paragraphs(phrasing.say("escalation.calls_back"), _when(task, phrasing))
    phone = phrasing.say("escalation.call_us", phone=support.phone) if support.phone else ""
    told = f"{phrasing.say('escalation.no_call')} {phone}".strip()
    chat = "" if task.evidence.derived.open_now is False else phrasing.say("escalation.chat")
    return paragraphs(told, chat, _when(task, phrasing))


def _complaint(task: WritingTask, phrasing: Phrasing) -> str:
    """Heard first; then whom to tell, and what the store's page says happens then."""
    rule = help_pages.rule(task, Act.COMPLAINT)
    away = task.evidence.derived.open_now is False
    return paragraphs(
        phrasing.say(f"escalation.complaint{'_left' if away else ''}", name=first_name(task)),
        rule,
        _when(task, phrasing),
    )


def _wait(task: WritingTask, phrasing: Phrasing) -> str:
    """The place of who waits; else whether somebody is there, and how soon a mail is answered."""
    if (person := task.evidence.person) is not None:
        return _asked_for(task, phrasing, person)
    hours = hours_in_words(task.evidence.facts.support)
    is_open = task.evidence.derived.open_now
    there = phrasing.say("escalation.wait_open", hours=hours) if is_open and hours else _when(task, phrasing)
    found = help_pages.passage(task, most=help_pages.BRIEF // 2)
    soon = found.text if found and not found.is_weak else ""
    return " ".join(filter(None, (phrasing.say("escalation.wait"), there, soon)))


def _handed_over(task: WritingTask, phrasing: Phrasing) -> str:
    return phrasing.say("escalation.sees_now" if task.evidence.person else "escalation.sees")


def _when(task: WritingTask, phrasing: Phrasing) -> str:
    """Where nobody is there now, when somebody is and how to write meanwhile."""
    support, is_open = task.evidence.facts.support, task.evidence.derived.open_now
    if is_open is not False:
        return ""
    hours = hours_in_words(support)
    ways = [phrasing.say("escalation.write", email=support.email)] if support.email else []
    when = phrasing.say("escalation.hours", hours=hours) if hours else phrasing.say("escalation.closed")
    if back := next_opening(task):
        key = "holiday" if (holiday := holiday_today(task)) else "back"
        when = phrasing.say(f"escalation.{key}", holiday=holiday, back=back)
    if support.phone and not support.email:
        ways = [phrasing.say("escalation.call_us", phone=support.phone)]
    return " ".join((when, *ways))


_ROWS: Final[dict[Act, Answer]] = {
    Act.HUMAN: _human,
    Act.CALLBACK: _callback,
    Act.COMPLAINT: _complaint,
    Act.WAIT: _wait,
    Act.HANDED_OVER: _handed_over,
}
