"""What a shopper may want (M-1)."""

from enum import StrEnum


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
