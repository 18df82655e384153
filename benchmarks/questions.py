"""What the shoppers of the benchmarks ask: four wordings of each of the ten intents."""

from typing import Final

from mangaassist.domain.intents import Intent

QUESTIONS: Final[dict[Intent, tuple[str, ...]]] = {
    Intent.PRODUCT_DISCOVERY: (
        "show me dark fantasy manga",
        "do you have anything by Naoki Urasawa?",
        "sports manga under $12",
        "horror box sets",
    ),
    Intent.PRODUCT_QUESTION: (
        "is One Piece vol 3 in stock?",
        "how many pages does Vinland Saga volume 1 have?",
        "who wrote Fruits Basket?",
        "is Death Note finished, and how many volumes are there?",
    ),
    Intent.RECOMMENDATION: (
        "recommend me something like Berserk",
        "what should I read after Haikyu!!?",
        "can you suggest a cosy slice of life series?",
        "I loved Monster, what next?",
    ),
    Intent.ORDER_TRACKING: (
        "where is my order?",
        "has my package shipped yet",
        "when will my manga arrive?",
        "track my last order please",
    ),
    Intent.RETURN_REQUEST: (
        "I want to return my order",
        "can I send back the book I bought?",
        "my box set arrived damaged, I'd like a refund",
        "please start a return for me",
    ),
    Intent.PROMOTION: (
        "any deals on right now?",
        "do you have a coupon code?",
        "is there a discount on box sets?",
        "what's on sale this week",
    ),
    Intent.CHECKOUT_HELP: (
        "my card was declined at checkout",
        "how do I remove an item from my cart?",
        "which payment methods do you take?",
        "can I change the address before I pay?",
    ),
    Intent.FAQ: (
        "how much is shipping?",
        "do you ship to Canada?",
        "what is your return policy?",
        "how does the membership work?",
    ),
    Intent.ESCALATION: (
        "I want to talk to a human",
        "let me speak to a manager",
        "this is unacceptable, get me a real person",
        "customer service please",
    ),
    Intent.CHITCHAT: ("hi there!", "thanks a lot", "who are you?", "tell me a joke"),
}


def mixed(count: int, offset: int = 0) -> list[str]:
    """``count`` questions, the intents in turn; ``offset`` starts elsewhere, so that two shoppers do not march in step."""
    intents = list(QUESTIONS)
    return [
        QUESTIONS[intents[(number + offset) % len(intents)]][((number + offset) // len(intents)) % 4]
        for number in range(count)
    ]
