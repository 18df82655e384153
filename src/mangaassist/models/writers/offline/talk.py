"""Answers that need no product, order or page: greetings, people, questions back, signing in."""

import re
from typing import Final

from msgspec import Struct

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.voice import Voice, bold, liked_series, paragraphs

_MOODS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (mood, re.compile(pattern, re.IGNORECASE))
    for mood, pattern in (
        ("thanks", r"\b(?:thanks?|thank you|thx|ty|cheers|appreciate|arigato|gracias|merci)\b"),
        (
            "wordless",
            r"^[\W\d_]*$|^\W*(?:l+o+l+|k+|ok(?:ay|ey)?|hm+|huh|ha(?:ha)+|um+|eh|meh|wut|(?:lol |ok )+k?|y|n|x+d+)\b"
            r"\W*(?:k|ok|lol)?\W*$",
        ),
        ("name", r"\b(?:what'?s|what is|do you know|say) my name\b|\bwho am i\b|\bdo you know (?:me|who i am)\b"),
        (
            "insult",
            r"\byou(?:'re| are)? (?:\w+ )?(?:suck|stupid|dumb|useless|terrible|bad|awful|an? idiot|the worst|trash)\b",
        ),
        ("bye", r"\b(?:bye|goodbye|see (?:you|ya)|later|good ?night|that's all|thats all|have a (?:good|nice))\b"),
        (
            "bot",
            r"\b(?:are you (?:a )?(?:real|human|bot|robot|an? ai|person)|who are you|what are you|your name|chatgpt|ai)\b",
        ),
        ("how", r"\bhow(?:'s| are| is) (?:you|u|it going|your day|things)\b|\bwhat'?s up\b|\bsup\b"),
        ("able", r"\bwhat (?:can|do) you do\b|\bhelp me\b|\bcan you help\b|\bwhat else\b|^help\b"),
        ("joke", r"\b(?:joke|pun|riddle|make me laugh|funny|poem|sing)\b"),
        (
            "praise",
            r"\b(?:great|awesome|nice|cool|amazing|perfect|love (?:it|this|you)|good (?:bot|job)|brilliant|helpful)\b",
        ),
        (
            "fan",
            r"\b(?:favou?rite|do you (?:like|read|watch)|have you read|best (?:manga|anime|character)|who would win)\b",
        ),
        ("sorry", r"\b(?:sorry|my bad|never ?mind|wrong chat|oops)\b"),
        (
            "hello",
            r"^\W*(?:hi+|hey+|hello|hiya|yo|howdy|good (?:morning|afternoon|evening)|konnichiwa|hola|moin|test)\b",
        ),
    )
)
_SAID: Final[dict[str, tuple[str, ...]]] = {
    "hello": (
        "Hello{first}! Tell me what you feel like reading, or ask me about a series, an order or how the store works.",
        "Hi{first}! I can find you manga, answer questions about a book, or look into an order. What can I do for you?",
        "Hey{first}, good to see you. Looking for something new to read, or can I help with an order?",
    ),
    "name": (
        "You're signed in{name}. Without a sign-in I don't know who is writing.",
        "I only know the name on your account{name}. Without a sign-in I don't know who is writing.",
    ),
    "insult": (
        "I'm sorry that I haven't been of more help{name}. Tell me what you need in a few words and I'll try again, or ask for a "
        "person and I'll hand you over.",
    ),
    "wordless": (
        "What are you looking for? Tell me a title, a genre or a mood, or ask me about an order{name}.",
        "I'm here{name}. Is it something to read you're after, or something about an order or the store?",
    ),
    "thanks": (
        "You're very welcome{name}. If anything else comes up, just ask.",
        "Glad that helped{name}! I'm here if you want another title or have a question about an order.",
        "My pleasure{name}. Happy reading!",
    ),
    "bye": (
        "Goodbye{name}, and happy reading!",
        "See you{name}! Enjoy your next volume.",
    ),
    "bot": (
        "I'm this store's manga assistant: a program, not a person. I look things up in the catalog, the help pages and your "
        "own orders, and when you'd rather talk to somebody, I can get you a person.",
        "I'm a shopping assistant made of software. I know the catalog and the store's help pages, and I can hand you over to "
        "a person whenever you like.",
    ),
    "how": (
        "All well on this side of the shelf, thank you{name}! What are you in the mood to read?",
        "Doing fine, thanks for asking{name}. Is it a new series you're after, or something about an order?",
    ),
    "able": (
        "I can find manga by title, author, genre, mood or budget, tell you about a series (volumes, age rating, price, stock), "
        "check an order, explain returns and shipping, and show what's on offer. Where shall we start?",
        "Ask me for something to read, a fact about a book, today's price or stock, the state of an order, or how returns and "
        "shipping work. What do you need?",
    ),
    "joke": (
        "Why did the manga fan turn the joke around? It only works from right to left. I'm better at finding comedies than "
        "at telling them: shall I show you some?",
        "I tried to write a joke, but the punchline is in the next volume. If you want to laugh, ask me for a comedy series.",
    ),
    "praise": (
        "That's kind of you{name}, thank you! Anything else I can look up?",
        "Thank you{name}! Shall I find you something to read next?",
    ),
    "fan": (
        "I can't play favorites, but I can tell you what readers of a series also picked up. Which manga do you love?",
        "I'd rather hear yours! Name a series you loved and I'll find you something close to it.",
    ),
    "sorry": (
        "No harm done{name}. What can I help you with?",
        "Not a problem{name}! Just tell me what you need.",
    ),
    "other": (
        "That one's outside my shelf, I'm afraid. I'm good with manga, though: tell me a title, a genre or a mood, or ask me "
        "about an order or the store.",
        "I'm only at home in this store, so I can't help with that. Ask me for something to read, about an order, or how "
        "shipping and returns work.",
    ),
}
UNSURE: Final = 0.6
"""Under this confidence it is not certain that the message was small talk, so that it is asked what is wanted."""
_UPSET: Final = re.compile(
    r"\b(?:angry|ridiculous|terrible|awful|worst|unacceptable|fed up|furious|useless|scam|complain|complaint|manager|third time|"
    r"again and again|still (?:not|no|waiting)|never again|disgusting|joke of)\b|!{2,}|[A-Z]{5,}",
)
_CALM: Final = (
    "Of course{name}. Choose **Talk to a person** below and a colleague takes over; they see what we've written here, so you "
    "won't have to repeat yourself.",
    "Gladly{name}: **Talk to a person** below brings in somebody from our team, and this conversation goes with it.",
)
_SORRY: Final = (
    "I'm sorry this has been so frustrating{name}. Choose **Talk to a person** below and a colleague takes over; they see what "
    "we've written here, so you won't have to tell it all again.",
    "I'm sorry{name}, that's not how it should go. **Talk to a person** below brings in somebody from our team, together with "
    "this conversation.",
)
_MEANT: Final[dict[Intent, str]] = {
    Intent.PRODUCT_DISCOVERY: "find a particular manga",
    Intent.PRODUCT_QUESTION: "know something about a certain book",
    Intent.RECOMMENDATION: "get suggestions for what to read",
    Intent.ORDER_TRACKING: "see where an order is",
    Intent.RETURN_REQUEST: "return something or ask about a refund",
    Intent.PROMOTION: "know what's on offer",
    Intent.CHECKOUT_HELP: "get help with your cart or with paying",
    Intent.FAQ: "know how the store handles something",
    Intent.ESCALATION: "talk to a person",
    Intent.CHITCHAT: "just chat",
}
_ALSO: Final[dict[Intent, tuple[str, ...]]] = {
    Intent.PRODUCT_DISCOVERY: ("You were also looking for something to read: tell me a title, a genre or a mood.",),
    Intent.PRODUCT_QUESTION: ("And your question about the book: ask it again on its own and I'll look it up.",),
    Intent.RECOMMENDATION: (
        "And when you're ready, tell me a series you loved and I'll find you something to read.",
        "You also asked for something to read: shall I suggest a few titles next?",
    ),
    Intent.ORDER_TRACKING: ("You also asked about an order: say “where is my order” and I'll check it next.",),
    Intent.RETURN_REQUEST: ("You also mentioned a return: shall I look at that next?",),
    Intent.PROMOTION: ("You also asked about offers: shall I show you what's running?",),
    Intent.CHECKOUT_HELP: ("And if the checkout is giving you trouble, tell me what you see there.",),
    Intent.FAQ: ("You had a question about the store, too: ask it on its own and I'll look it up.",),
    Intent.ESCALATION: ("If you'd rather talk to a person, just say so and I'll hand you over.",),
}
_SIGN_IN: Final[dict[Intent, tuple[str, ...]]] = {
    Intent.ORDER_TRACKING: (
        "I'd like to check that for you, but orders are private, so please sign in first. Once you're in, ask me again and "
        "I'll look up where it is.",
        "To look at your order I need to know it's yours: please sign in with the button below, then ask me again.",
    ),
    Intent.RETURN_REQUEST: (
        "I can look at the order and tell you whether it can go back as soon as you've signed in. The button is below.",
        "Returns are tied to your orders, so please sign in first; then I'll check the order and its return window for you.",
    ),
}
_SIGN_IN_OTHER: Final = ("That needs your account: please sign in with the button below, then ask me again.",)
_NO_ACCOUNT_NEEDED: Final = "If you can't sign in, a person can help you: choose **Talk to a person**."


def called(task: WritingTask) -> str:
    """ ", Aiko" when the shopper's name is known."""
    customer = task.evidence.customer
    first = customer.name.split()[0] if customer and customer.name.split() else ""
    return f", {first}" if first else ""


def chitchat(task: WritingTask, voice: Voice) -> str:
    text = task.meaning.text
    unclear = "wordless" if task.meaning.guess.confidence < UNSURE else "other"
    mood = next((mood for mood, pattern in _MOODS if pattern.search(text)), unclear)
    name = called(task)
    return voice.pick(mood, _SAID[mood]).format(name=name, first=name.removeprefix(","))


def escalation(task: WritingTask, voice: Voice) -> str:
    said = _SORRY if _UPSET.search(task.meaning.text) else _CALM
    return voice.pick("person", said).format(name=called(task))


def which_is_meant(task: WritingTask, voice: Voice) -> str:
    """The question back when two intents are too close to call (M-2)."""
    assert task.meaning.between is not None
    one, other = (_MEANT[intent] for intent in task.meaning.between)
    return voice.pick(
        "between",
        (
            f"I want to get this right: would you like to {one}, or to {other}?",
            f"Just so that I look in the right place: do you want to {one}, or to {other}?",
        ),
    )


def sign_in(task: WritingTask, voice: Voice, meanwhile: str = "") -> str:
    """What a guest is told who asks for something that needs an account (T-7)."""
    options = _SIGN_IN.get(task.meaning.intent, _SIGN_IN_OTHER)
    return paragraphs(voice.pick("sign-in", options), meanwhile, _NO_ACCOUNT_NEEDED if not meanwhile else "")


class SecondWish(Struct, frozen=True):
    """What the second wish is about, as the answer says it, and the message that asks for it alone."""

    said: str
    asked: str


def second_wish(task: WritingTask) -> SecondWish | None:
    """The second wish in its own terms, when it is for something to read and the message says what."""
    meaning = task.meaning
    if meaning.guess.secondary not in (Intent.PRODUCT_DISCOVERY, Intent.RECOMMENDATION):
        return None
    entities = meaning.entities
    if liked := liked_series(meaning):
        return SecondWish(f"I can also find you something like {bold(liked)}.", f"Recommend something like {liked}")
    if entities.series and len(entities.series) > 1:
        title = entities.series[-1].title
        return SecondWish(f"I can also look up {bold(title)}.", f"Show me {title}")
    if entities.genres:
        kind = " ".join(genre if genre == "Sci-Fi" else genre.lower() for genre in entities.genres[:2])
        return SecondWish(f"I can also find you {kind} manga.", f"Recommend {kind} manga")
    return None


def also(task: WritingTask, voice: Voice) -> str:
    """The second thing that the message asked for is offered, never dropped (M-2)."""
    secondary = task.meaning.guess.secondary
    if secondary is None or secondary == task.meaning.intent:
        return ""
    wish = second_wish(task)
    if wish is not None:
        return f"{wish.said} The suggestion below takes you there."
    return voice.pick("also", _ALSO.get(secondary, ("",)))
