"""Who is said to have made a book: authors and publishers as the catalog names them (G-4)."""

import re
from collections.abc import Callable
from typing import Final

from mangaassist.guardrails.claims.said import Products, Said, Wrong, whole
from mangaassist.guardrails.folding import plain

_Makers = Callable[[Products], tuple[str, ...]]
_LISTED: Final = re.compile(r"\s{0,4}(?:,|&|\band\b)\s{0,4}", re.IGNORECASE)
_A_TITLE: Final = re.compile(
    r"(?:(?-i:[A-Z])[\w'-]*[!?]?[*_\"”)]{0,3}|\b(?:manga|series|stor(?:y|ies)|books?|novels?|comics?|works?|art|anime|tale|classic))\s*$",
    re.IGNORECASE,
)
"""What may be a title, or stands for one."""
_NOBODY: Final = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|vol(?:ume)?|book"
    r"|i|we|you|your|our|the|an?|it|this|that|amount|default|author|title|series|genre|email|phone|clicking|checking",
    re.IGNORECASE,
)
"""Words with a capital that begin nobody's name."""
_ANOTHER_BY: Final = re.compile(
    r"\b(?:pa(?:y|id|ying)|ship\w*|deliver\w*|sen[dt]|arriv\w*|accept\w*|contact\w*|sold|carried|order\w*|cover\w*|track\w*"
    r"|stop|confirm\w*|held|sponsor\w*|charg\w*|publish\w*|direct\w*|produc\w*|animat\w*|translat\w*|distribut\w*|licen[sc]\w*|voic\w*)(?:\s\S+)?\s*$",
    re.IGNORECASE,
)
"""Words before "by" after which it names no author: "paid by", "delivered by"."""


def author(said: Said, found: re.Match[str]) -> Wrong | None:
    if found["by"] and found["by"].lower() == "by" and _ANOTHER_BY.search(said.text[: found.start("by")]):
        return None
    return _maker(said, found, lambda books: tuple(name for known in books for name in known.product.authors))


def publisher(said: Said, found: re.Match[str]) -> Wrong | None:
    return _maker(said, found, lambda books: tuple(known.product.publisher for known in books))


def _maker(said: Said, found: re.Match[str], makers: _Makers) -> Wrong | None:
    """Every name is one of the makers of the book that is told of, or somebody of whom the evidence tells in another way."""
    names, end = _named(said, found)
    books = said.about(found.start("it"))
    right = tuple(dict.fromkeys(name for name in makers(books) if name))
    known = right if books else makers(said.known.products)
    if all(_is_one_of(name, known) or _is_told_of(name, said) for name in names):
        return None
    if not right:
        return whole() if books or _is_of_a_book(said, found) else None
    one_series = len({known.product.series_id for known in books}) == 1
    return Wrong(found.start("it"), end, " and ".join(right)) if one_series else whole()


def _is_of_a_book(said: Said, found: re.Match[str]) -> bool:
    """Whether it is told of a book at all, though of none that is known: "written by", or "by" behind what may be a title."""
    by = found["by"] if "by" in found.re.groupindex else ""
    return (
        by.lower() != "by"
        or len(found[0]) > len(f"by {found['it']}") + 4
        or _A_TITLE.search(said.text[: found.start()]) is not None
    )


def _named(said: Said, found: re.Match[str]) -> tuple[list[str], int]:
    """The names of a list of them, and where they end: before the title of another book."""
    titles = {plain(name) for title in said.known.titles for name in (title, title.partition(":")[0])}
    names, end, at = list[str](), found.end("it"), found.start("it")
    for name in _LISTED.split(found["it"]):
        if plain(name) in titles:
            break
        at = said.text.index(name, at)
        end = at + len(name)
        if not _NOBODY.fullmatch(name.split()[0]):
            names.append(name)
    return names, end


def _is_one_of(name: str, right: tuple[str, ...]) -> bool:
    """The surname alone, the Japanese order and a name without its accents are the same name."""
    parts = set(_parts(name))
    return any(
        parts <= set(_parts(one)) or plain(name).replace(" ", "") == plain(one).replace(" ", "") for one in right
    )


def _is_told_of(name: str, said: Said) -> bool:
    """Somebody else whom the evidence names, and not as the maker of another book."""
    known = said.known
    others = tuple(author for one in known.products for author in one.product.authors)
    if _is_one_of(name, others):
        return False
    facts, evidence = known.evidence.facts, known.evidence
    told = {facts.name, *facts.payment_methods, *(one.product.publisher for one in known.products)}
    told |= {parcel.carrier for owned in evidence.orders for parcel in owned.shipments}
    told |= {evidence.customer.name} if evidence.customer else set()
    return _is_one_of(name, tuple(filter(None, told))) or known.say(name)


def _parts(name: str) -> list[str]:
    return re.findall(r"\w+", plain(name))
