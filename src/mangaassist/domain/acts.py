"""What is asked of what, within an intent (T-10): a table, one row an act."""

from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from mangaassist.domain.intents import Intent

Topic = Literal["shelf", "product", "series", "order", "cart", "offer", "page", "talk"]
"""What an act is about: the shelves as a whole, a product (a volume or an edition), a series, an order, the cart, an offer, a
page of the store's help, or nothing but the conversation."""


class Act(StrEnum):
    # Of product discovery.
    FIND = "find"
    CARRIES = "carries"
    MORE = "more"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    BEST_RATED = "best_rated"
    LONGEST = "longest"
    SHORTEST = "shortest"
    NEW_RELEASES = "new_releases"
    PREORDERS = "preorders"
    BY_SAME_AUTHOR = "by_same_author"
    # Of product question.
    ABOUT = "about"
    PRICE = "price"
    STOCK = "stock"
    RESTOCK = "restock"
    NOTIFY = "notify"
    VOLUMES = "volumes"
    LATEST = "latest"
    NEXT_VOLUME = "next_volume"
    START = "start"
    READING_ORDER = "reading_order"
    FINISHED = "finished"
    AUTHOR = "author"
    TRANSLATOR = "translator"
    PUBLISHER = "publisher"
    YEAR = "year"
    PAGES = "pages"
    ISBN = "isbn"
    LANGUAGE = "language"
    EDITION = "edition"
    SET_OR_SINGLES = "set_or_singles"
    TOTAL = "total"
    COMPARE = "compare"
    REVIEWS = "reviews"
    CONTENT = "content"
    AGE_FIT = "age_fit"
    GENRE = "genre"
    ADAPTATION = "adaptation"
    WORTH_IT = "worth_it"
    DETAIL = "detail"
    HAVE_READ = "have_read"
    WHICH_VOLUME = "which_volume"
    UPCOMING = "upcoming"
    # Of recommendation.
    RECOMMEND = "recommend"
    SIMILAR = "similar"
    GIFT = "gift"
    FROM_PURCHASES = "from_purchases"
    SURPRISE = "surprise"
    WHY = "why"
    # Of order tracking.
    TRACK = "track"
    ARRIVAL = "arrival"
    LATE = "late"
    NOT_RECEIVED = "not_received"
    ORDER_CONTENTS = "order_contents"
    ORDER_LIST = "order_list"
    CHANGE_ORDER = "change_order"
    CANCEL_ORDER = "cancel_order"
    # Of return request.
    RETURN = "return"
    RETURN_WINDOW = "return_window"
    REFUND_STATUS = "refund_status"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    EXCHANGE = "exchange"
    # Of promotion.
    OFFERS = "offers"
    OFFER_ON = "offer_on"
    CODE = "code"
    # Of checkout help.
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    CART_CONTENTS = "cart_contents"
    CART_TOTAL = "cart_total"
    FREE_SHIPPING = "free_shipping"
    CHECKOUT_PROBLEM = "checkout_problem"
    PAYMENT_METHOD = "payment_method"
    # Of faq.
    POLICY = "policy"
    SHIPS_TO = "ships_to"
    DELIVERY_TIME = "delivery_time"
    SHIPPING_COST = "shipping_cost"
    MEMBERSHIP = "membership"
    MY_ACCOUNT = "my_account"
    CONTACT = "contact"
    OTHER_GOODS = "other_goods"
    # Of escalation.
    HUMAN = "human"
    CALLBACK = "callback"
    COMPLAINT = "complaint"
    WAIT = "wait"
    HANDED_OVER = "handed_over"
    # Of chitchat.
    GREETING = "greeting"
    THANKS = "thanks"
    BYE = "bye"
    BOT = "bot"
    HOW_ARE_YOU = "how_are_you"
    ABILITY = "ability"
    JOKE = "joke"
    PRAISE = "praise"
    INSULT = "insult"
    FAVOURITE = "favourite"
    APOLOGY = "apology"
    MY_NAME = "my_name"
    BORED = "bored"
    UNSURE = "unsure"
    WORDLESS = "wordless"
    OFF_TOPIC = "off_topic"
    REMEMBER = "remember"
    SURE = "sure"
    MEANT = "meant"
    OKAY = "okay"
    GOOD_WISHES = "good_wishes"
    TELLING = "telling"
    # moves within the dialogue: never left alone, `understanding/state.py` makes one of the acts above of them
    YES = "yes"
    NO = "no"
    REJECT = "reject"
    SELECT = "select"
    REFINE = "refine"


class ActRow(Struct, frozen=True):
    """``intent`` answers it. ``words`` say it as "you'd like to …" and ``example`` as a shopper would: what asking back and
    suggestions say. ``counts_as`` is the intent that the shopper has, where another one has the answer.
    """

    intent: Intent
    topic: Topic
    words: str
    example: str = ""
    counts_as: Intent | None = None


_I: Final = Intent
ACTS: Final[dict[Act, ActRow]] = {
    Act.FIND: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "find a particular kind of book", "Show me horror books"),
    Act.CARRIES: ActRow(_I.PRODUCT_DISCOVERY, "series", "know whether we sell something", "Do you have Akira?"),
    Act.MORE: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "see more of them", "Show me more"),
    Act.CHEAPEST: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "see what costs least", "What's the cheapest?"),
    Act.DEAREST: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "see what costs most", "What's your most expensive book?"),
    Act.BEST_RATED: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "see what readers like best", "What's the best rated book?"),
    Act.LONGEST: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "know which is longest", "Which is the longest?"),
    Act.SHORTEST: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "know which is shortest", "Which is the shortest?"),
    Act.NEW_RELEASES: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "see what is new", "Any new releases?"),
    Act.PREORDERS: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "see what can be preordered", "What can I preorder?"),
    Act.BY_SAME_AUTHOR: ActRow(
        _I.PRODUCT_DISCOVERY, "series", "see more by the same author", "Anything else by the same author?"
    ),
    Act.ABOUT: ActRow(_I.PRODUCT_QUESTION, "series", "know what a series is about", "What is it about?"),
    Act.PRICE: ActRow(_I.PRODUCT_QUESTION, "product", "know what a book costs", "How much is it?"),
    Act.STOCK: ActRow(_I.PRODUCT_QUESTION, "product", "know whether a book is in stock", "Is it in stock?"),
    Act.RESTOCK: ActRow(_I.PRODUCT_QUESTION, "product", "know when a book is back", "When will it be back?"),
    Act.NOTIFY: ActRow(_I.PRODUCT_QUESTION, "product", "be told when a book is back", "Tell me when it's back"),
    Act.VOLUMES: ActRow(
        _I.PRODUCT_QUESTION, "series", "know how many volumes there are", "How many volumes are there?"
    ),
    Act.LATEST: ActRow(_I.PRODUCT_QUESTION, "series", "see the newest volume", "What's the latest volume?"),
    Act.NEXT_VOLUME: ActRow(_I.PRODUCT_QUESTION, "series", "go on with a series", "Which volume comes next?"),
    Act.START: ActRow(_I.PRODUCT_QUESTION, "series", "know where to start", "Where do I start?"),
    Act.READING_ORDER: ActRow(_I.PRODUCT_QUESTION, "series", "know the reading order", "In which order do I read it?"),
    Act.FINISHED: ActRow(_I.PRODUCT_QUESTION, "series", "know whether a series is finished", "Is it finished?"),
    Act.AUTHOR: ActRow(_I.PRODUCT_QUESTION, "series", "know who made it", "Who wrote it?"),
    Act.TRANSLATOR: ActRow(_I.PRODUCT_QUESTION, "series", "know who translated it", "Who translated it?"),
    Act.PUBLISHER: ActRow(_I.PRODUCT_QUESTION, "series", "know who publishes it", "Who publishes it?"),
    Act.YEAR: ActRow(_I.PRODUCT_QUESTION, "series", "know how old it is", "When did it come out?"),
    Act.PAGES: ActRow(_I.PRODUCT_QUESTION, "product", "know how thick a book is", "How many pages does it have?"),
    Act.ISBN: ActRow(_I.PRODUCT_QUESTION, "product", "know the ISBN", "What's the ISBN?"),
    Act.LANGUAGE: ActRow(_I.PRODUCT_QUESTION, "product", "know the language", "Is it in English?"),
    Act.EDITION: ActRow(_I.PRODUCT_QUESTION, "series", "choose an edition", "Which editions are there?"),
    Act.SET_OR_SINGLES: ActRow(
        _I.PRODUCT_QUESTION, "series", "set a box against single volumes", "Is the box set cheaper than the singles?"
    ),
    Act.TOTAL: ActRow(_I.PRODUCT_QUESTION, "product", "know what it costs together", "What do they cost together?"),
    Act.COMPARE: ActRow(_I.PRODUCT_QUESTION, "product", "compare two of them", "How do they compare?"),
    Act.REVIEWS: ActRow(_I.PRODUCT_QUESTION, "series", "know what readers say", "How are the reviews?"),
    Act.CONTENT: ActRow(_I.PRODUCT_QUESTION, "series", "know how sad, scary or violent it is", "Is it scary?"),
    Act.AGE_FIT: ActRow(_I.PRODUCT_QUESTION, "series", "know for which age it is", "Is it okay for a 10-year-old?"),
    Act.GENRE: ActRow(_I.PRODUCT_QUESTION, "series", "know what kind of book it is", "What genre is it?"),
    Act.ADAPTATION: ActRow(_I.PRODUCT_QUESTION, "series", "know about its anime", "Is there an anime of it?"),
    Act.WORTH_IT: ActRow(_I.PRODUCT_QUESTION, "series", "know whether it is worth it", "Is it any good?"),
    Act.DETAIL: ActRow(_I.PRODUCT_QUESTION, "series", "know something that no catalog tells", "What paper is it on?"),
    Act.HAVE_READ: ActRow(_I.PRODUCT_QUESTION, "series", "know whether I have read it", "Have you read it?"),
    Act.WHICH_VOLUME: ActRow(_I.PRODUCT_QUESTION, "product", "know which volume it is", "Is this the first volume?"),
    Act.UPCOMING: ActRow(
        _I.PRODUCT_QUESTION, "series", "know when the next volume comes out", "When is the next volume out?"
    ),
    Act.RECOMMEND: ActRow(_I.RECOMMENDATION, "shelf", "get suggestions for what to read", "Recommend me something"),
    Act.SIMILAR: ActRow(_I.RECOMMENDATION, "series", "find something like it", "What's similar to it?"),
    Act.GIFT: ActRow(_I.RECOMMENDATION, "shelf", "find a gift", "I need a gift"),
    Act.FROM_PURCHASES: ActRow(
        _I.RECOMMENDATION, "shelf", "get suggestions from what you bought", "Recommend by what I bought"
    ),
    Act.SURPRISE: ActRow(_I.RECOMMENDATION, "shelf", "be surprised", "Surprise me"),
    Act.WHY: ActRow(_I.RECOMMENDATION, "product", "know why I suggested it", "Why that one?"),
    Act.TRACK: ActRow(_I.ORDER_TRACKING, "order", "see where an order is", "Where is my order?"),
    Act.ARRIVAL: ActRow(_I.ORDER_TRACKING, "order", "know when an order arrives", "When does my order arrive?"),
    Act.LATE: ActRow(_I.ORDER_TRACKING, "order", "know why an order is late", "Why is my order late?"),
    Act.NOT_RECEIVED: ActRow(
        _I.ORDER_TRACKING, "order", "report a parcel that never came", "It says delivered, but it isn't here"
    ),
    Act.ORDER_CONTENTS: ActRow(_I.ORDER_TRACKING, "order", "know what is in an order", "What was in my order?"),
    Act.ORDER_LIST: ActRow(_I.ORDER_TRACKING, "order", "see your orders", "Show me my orders"),
    Act.CHANGE_ORDER: ActRow(_I.ORDER_TRACKING, "order", "change an order", "Can I change the address of my order?"),
    Act.CANCEL_ORDER: ActRow(
        _I.ORDER_TRACKING, "order", "cancel an order", "Can I cancel my order?", _I.RETURN_REQUEST
    ),
    Act.RETURN: ActRow(_I.RETURN_REQUEST, "order", "return something", "I want to return something"),
    Act.RETURN_WINDOW: ActRow(_I.RETURN_REQUEST, "order", "know until when you can return", "Can I still return it?"),
    Act.REFUND_STATUS: ActRow(_I.RETURN_REQUEST, "order", "know where a refund is", "Where is my refund?"),
    Act.DAMAGED: ActRow(_I.RETURN_REQUEST, "order", "report a damaged book", "My book arrived damaged"),
    Act.WRONG_ITEM: ActRow(_I.RETURN_REQUEST, "order", "report a wrong book", "I got the wrong book"),
    Act.MISSING_ITEM: ActRow(_I.RETURN_REQUEST, "order", "report a missing book", "A book is missing from my parcel"),
    Act.EXCHANGE: ActRow(_I.RETURN_REQUEST, "order", "get a replacement", "I want a replacement"),
    Act.OFFERS: ActRow(_I.PROMOTION, "offer", "know what is on offer", "What's on offer right now?"),
    Act.OFFER_ON: ActRow(_I.PROMOTION, "offer", "know whether something is on offer", "Is there a discount on it?"),
    Act.CODE: ActRow(_I.PROMOTION, "offer", "check a code", "Does this code work?"),
    Act.ADD_TO_CART: ActRow(_I.CHECKOUT_HELP, "product", "put something into the cart", "Add it to my cart"),
    Act.REMOVE_FROM_CART: ActRow(_I.CHECKOUT_HELP, "cart", "take something out of the cart", "Remove it from my cart"),
    Act.CART_CONTENTS: ActRow(_I.CHECKOUT_HELP, "cart", "see what is in the cart", "What's in my cart?"),
    Act.CART_TOTAL: ActRow(_I.CHECKOUT_HELP, "cart", "know what the cart costs", "What's my total?"),
    Act.FREE_SHIPPING: ActRow(
        _I.CHECKOUT_HELP, "cart", "know what is missing to free shipping", "Do I get free shipping?"
    ),
    Act.CHECKOUT_PROBLEM: ActRow(
        _I.CHECKOUT_HELP, "page", "get help with the checkout", "My payment doesn't go through"
    ),
    Act.PAYMENT_METHOD: ActRow(_I.CHECKOUT_HELP, "page", "know how you can pay", "Which payment methods do you take?"),
    Act.POLICY: ActRow(_I.FAQ, "page", "know how the store handles something", "What is your return policy?"),
    Act.SHIPS_TO: ActRow(_I.FAQ, "page", "know whether we ship there", "Do you ship to Canada?"),
    Act.DELIVERY_TIME: ActRow(_I.FAQ, "page", "know how long delivery takes", "How long does delivery take?"),
    Act.SHIPPING_COST: ActRow(_I.FAQ, "page", "know what shipping costs", "How much is shipping?"),
    Act.MEMBERSHIP: ActRow(_I.FAQ, "page", "know about the membership", "Am I a member?"),
    Act.MY_ACCOUNT: ActRow(_I.FAQ, "page", "know what is on file about you", "Which e-mail do you have on file?"),
    Act.CONTACT: ActRow(_I.FAQ, "page", "reach our team", "What's your phone number?", _I.ESCALATION),
    Act.OTHER_GOODS: ActRow(
        _I.FAQ, "page", "know whether we sell something beside books", "Do you sell figures?", _I.PRODUCT_DISCOVERY
    ),
    Act.HUMAN: ActRow(_I.ESCALATION, "talk", "talk to a person", "Talk to a person"),
    Act.CALLBACK: ActRow(_I.ESCALATION, "talk", "be called back", "Can someone call me?"),
    Act.COMPLAINT: ActRow(_I.ESCALATION, "talk", "complain", "I want to complain"),
    Act.WAIT: ActRow(_I.ESCALATION, "talk", "know how long a person takes", "How long until somebody answers?"),
    Act.HANDED_OVER: ActRow(_I.ESCALATION, "talk", "know what a person sees", "Will they see our chat?"),
    **{
        act: ActRow(_I.CHITCHAT, "talk", "just chat", "What can you help me with?")
        for act in (
            Act.GREETING,
            Act.THANKS,
            Act.BYE,
            Act.BOT,
            Act.HOW_ARE_YOU,
            Act.ABILITY,
            Act.JOKE,
            Act.PRAISE,
            Act.INSULT,
            Act.FAVOURITE,
            Act.APOLOGY,
            Act.MY_NAME,
            Act.BORED,
            Act.UNSURE,
            Act.WORDLESS,
            Act.OFF_TOPIC,
            Act.REMEMBER,
            Act.SURE,
            Act.MEANT,
            Act.OKAY,
            Act.GOOD_WISHES,
            Act.TELLING,
            Act.YES,
            Act.NO,
        )
    },
    Act.REJECT: ActRow(_I.RECOMMENDATION, "shelf", "see something else", "Not that one"),
    Act.SELECT: ActRow(_I.PRODUCT_QUESTION, "product", "know more about one of them", "The second one"),
    Act.REFINE: ActRow(_I.PRODUCT_DISCOVERY, "shelf", "narrow it down", "Something shorter"),
}
MOVES: Final = frozenset({Act.YES, Act.NO, Act.REJECT, Act.SELECT, Act.REFINE})
"""What a message does to the dialogue; its own words do not say what is asked."""


AMONG_SEVERAL: Final = frozenset({Act.LONGEST, Act.SHORTEST})
"""Asked only of several things that are talked of: by itself a message that says so looks for books, so no model hears these."""
ABOUT_THE_ANSWER: Final = frozenset({Act.SURE, Act.MEANT, Act.OKAY})
"""Said of the answer before, and of nothing else: "are you sure", "what do you mean", "lol ok"."""
BY_RULES_ALONE: Final = (
    AMONG_SEVERAL
    | ABOUT_THE_ANSWER
    | {*(Act.DETAIL, Act.HAVE_READ, Act.WAIT, Act.HANDED_OVER, Act.WHICH_VOLUME, Act.UPCOMING)}
    | {Act.GOOD_WISHES, Act.TELLING}
)
"""Acts that the heads of acts have not learned: rules or a head of their own hear them, or nobody does."""


def intent_of(act: Act) -> Intent:
    """The intent that answers it."""
    return ACTS[act].intent


def counts_as(act: Act) -> Intent:
    """The intent that whoever asks it has: who asks for figures looks for a product, and a page of the store answers."""
    return ACTS[act].counts_as or ACTS[act].intent
