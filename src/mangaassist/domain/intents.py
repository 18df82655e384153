"""What a shopper may want (M-1)."""

from enum import StrEnum
from typing import Literal


class Intent(StrEnum):
    PRODUCT_DISCOVERY = "product_discovery"
    PRODUCT_QUESTION = "product_question"
    RECOMMENDATION = "recommendation"
    ORDER_TRACKING = "order_tracking"
    RETURN_REQUEST = "return_request"
    PROMOTION = "promotion"
    CHECKOUT_HELP = "checkout_help"
    FAQ = "faq"
    ESCALATION = "escalation"
    CHITCHAT = "chitchat"


Strictness = Literal["loose", "normal", "tight"]
"""How far an answer may stray from the shop's own subjects (G-5)."""
