"""The older fields of a meaning, derived from the new ones for rooms that still read them."""

from mangaassist.domain.meaning import Entities, SeriesMention
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import LabelKind, Wish
from mangaassist.understanding.reference_resolution import Resolved
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.utterance import Mention, Utterance

MOST_SUBJECTS = 5


def entities_of(utterance: Utterance, resolved: Resolved, wish: Wish, scene: Scene) -> Entities:
    """What the message names, and the series that what it points at belongs to."""
    targets = resolved.targets
    return Entities(
        asins=_values(utterance, "asin"),
        order_ids=_values(utterance, "order"),
        series=tuple(
            {
                one.series_id: SeriesMention(one.series_id, one.title or scene.title(one.series_id), one.score)
                for one in targets
                if one.series_id is not None and (one.asin is None or utterance.targets)
            }.values()
        )
        + tuple(
            SeriesMention(one.value, scene.title(one.value) or one.said, one.score)
            for one in utterance.mentions
            if one.kind == "series" and one.role == "like" and one.value not in {each.series_id for each in targets}
        ),
        authors=wish.values("author") or _named(utterance, "author"),
        volumes=tuple(dict.fromkeys(one.volume for one in targets if one.volume is not None)) or utterance.volumes,
        genres=_labels(wish, utterance, "genre"),
        demographics=_labels(wish, utterance, "demographic"),
        formats=utterance.formats or tuple(map(Format, wish.values("format"))),
        price_ceiling=wish.price.most,
        price_floor=wish.price.least,
        count=utterance.limits.count,
    )


def subjects_of(resolved: Resolved) -> tuple[str, ...]:
    """The ASINs of the targets that have one."""
    return tuple(dict.fromkeys(one.asin for one in resolved.targets if one.asin is not None))[:MOST_SUBJECTS]


def unwanted_of(wish: Wish) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys((label.said or label.value).lower() for label in wish.unwanted if label.kind != "series")
    )


def is_cheaper(utterance: Utterance) -> bool:
    return utterance.limits.comparative == "cheaper"


def _values(utterance: Utterance, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.value for mention in utterance.mentions if mention.kind == kind))


def _named(utterance: Utterance, kind: LabelKind) -> tuple[str, ...]:
    def is_meant(mention: Mention) -> bool:
        return mention.kind == kind and not mention.is_refused

    return tuple(dict.fromkeys(mention.value for mention in utterance.mentions if is_meant(mention)))


def _labels(wish: Wish, utterance: Utterance, kind: LabelKind) -> tuple[str, ...]:
    return wish.values(kind) or _named(utterance, kind)
