"""The signs of prompt injection (G-1) as a table: what to look for, and how much it weighs against a threshold of 1."""

import re
from typing import Final

from msgspec import Struct


class InjectionPattern(Struct, frozen=True):
    name: str
    weight: float
    shape: re.Pattern[str]


def _table(*rows: tuple[str, float, str]) -> tuple[InjectionPattern, ...]:
    return tuple(InjectionPattern(name, weight, re.compile(shape)) for name, weight, shape in rows)


_SET_ASIDE: Final = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|dismiss|discard"
    r"|neglect|omit|skip|set aside"
    r"|do not follow|don'?t follow|stop following|pay no attention to|never ?mind|violate|break)"
)
_ORDERS: Final = (
    r"(?:instruct(?:ion)?s?|prompts?|directives?|guidelines?|rules|commands?|orders (?:you|that)|programming"
    r"|constraints|restrictions"
    r"|policies|safeguards?|guardrails?|filters?|training|context|system (?:message|prompt)|moderation)"
)
_YOUR: Final = (
    r"(?:previous(?:ly)?|prior|preceding|above|earlier|former|initial|original|your|system|safety|openai(?:'s)?"
    r"|developer'?s?|content"
    r"|existing|current|foregoing|all (?:of )?(?:the|your|these|those|previous|prior|other)|past|hidden|ethical"
    r"|built-?in|given)"
)
_BOT: Final = r"(?:chat ?-?gpt|gpt-?\d?|open ?ai|language model|\bllm\b|\bai\b|assistant|chat ?bot|\bbot\b|model)"
_SHOW: Final = (
    r"(?:reveal|show|print|repeat|output|display|dump|leak|disclose|recite|write|give|tell|share|expose"
    r"|copy|translate|encode|summari[sz]e|spell)"
)
_WHAT_IS: Final = r"(?:what|which) (?:is|are|was|were|did|does)(?: \w+){0,2}?"
_VEILED: Final = r"(?:initial|hidden|secret|original|full|exact|confidential)"
"""What a book's rules and a shop's instructions may be as well, where nobody says whose they are."""
_OWN: Final = (
    rf"(?:your|its) (?:\w+ ){{0,2}}?(?:{_VEILED}|system|internal|developer|core|underlying)"
    r"|(?:the|this) (?:\w+ ){0,2}?(?:system|internal|developer|core|underlying)"
)
_GIVEN: Final = r"(?:prompts?|instructions?|messages?|directives?|guidelines|configuration|config|rules)"
_SWITCH_OFF: Final = r"(?:override|disable|turn off|switch off|deactivate|remove|unlock)"
_GUARDS: Final = r"(?:safety|security|content|moderation|guardrails?|safeguards|censorship|rules)"
_LIMITS: Final = r"(?:filters?|restrictions|limitations)"

PATTERNS: Final[tuple[InjectionPattern, ...]] = _table(
    # Orders to drop one's orders.
    ("override", 1.0, rf"\b{_SET_ASIDE}\b (?:\w+[ ,]+){{0,4}}?{_YOUR}(?: \w+){{0,4}}? {_ORDERS}"),
    (
        "override",
        1.0,
        rf"\b{_SET_ASIDE}\b (?:all|any|every|each) (?:\w+ ){{0,2}}?(?:instruct|prompt|directive|guideline"
        rf"|command|programming)",
    ),
    (
        "override",
        1.0,
        rf"\b{_SET_ASIDE}\b (?:everything|anything|all|what(?:ever)?) (?:\w+ ){{0,3}}?(?:above|before (?:this"
        rf"|that|now)|you (?:were|have been|'?ve been|know|got) (?:told|taught|instructed|before|given|trained))",
    ),
    (
        "override",
        1.0,
        r"\bforget (?:all|everything) (?:that )?(?:you|from|previous|before|i (?:said|told))\b(?=.*\b(?:you|act"
        r"|now|role|gpt|instructions?)\b)",
    ),
    ("override", 1.0, r"\bignore(?:all|any|the|your|previous|prior|above){1,3}(?:instruction|prompt|rule|direction)"),
    (
        "override",
        1.0,
        r"\b(?:new|updated|real|actual|revised) (?:system )?(?:instructions?|directives?|prompt)(?: (?:is|are"
        r"|for you|follow|below))?\s?[:=]",
    ),
    (
        "override",
        1.0,
        rf"\b(?:instead of|rather than|without|don'?t) (?:following |obeying "
        rf"|regard(?:ing)? (?:for )?)?your (?:\w+ )?{_ORDERS}",
    ),
    (
        "override",
        1.0,
        r"\b(?:you are|you're) (?:no longer|not) (?:bound|restricted|limited|constrained|subject|required"
        r"|an? (?:ai|assistant|chatbot|shopping))",
    ),
    (
        "override",
        0.6,
        r"\b(?:end|start|begin|stop) of (?:the )?(?:system|user|your) (?:prompt|message|instructions|context)",
    ),
    # Orders to show one's orders.
    ("reveal", 1.0, rf"\b{_SHOW}\b (?:\w+ ){{0,4}}?(?:{_OWN}) ?(?:\w+ )?{_GIVEN}"),
    ("reveal", 1.0, rf"\b{_WHAT_IS} (?:{_OWN}) {_GIVEN}"),
    (
        "reveal",
        0.5,
        rf"\b(?:{_SHOW}\b (?:\w+ ){{0,4}}?(?:the|this) (?:\w+ ){{0,2}}?|{_WHAT_IS} the ){_VEILED} ?(?:\w+ )?{_GIVEN}",
    ),
    ("reveal", 1.0, r"\b(?:your|the) system ?prompt\b"),
    (
        "reveal",
        1.0,
        r"\b(?:repeat|print|output|copy|recite|show|give) (?:\w+ ){0,4}?(?:words|text|everything|sentences?"
        r"|lines|content|all) (?:\w+ ){0,2}?(?:above|before this|preceding|prior to)",
    ),
    (
        "reveal",
        0.6,
        r"\b(?:your|its) (?:instructions|prompt|guidelines|rules|directives"
        r"|configuration)\b.{0,24}\b(?:verbatim|word for word|exactly|in full|as (?:a )?(?:json|code|poem"
        r"|base64))",
    ),
    (
        "reveal",
        1.0,
        r"\bwhat (?:instructions|rules|prompt) (?:were|have|did|do|was) (?:you|they|your (?:developers?"
        r"|creators?|owners?)) (?:been )?(?:given|told|gave|give you|get|receive)"
        r"|\bwhat orders (?:were|have|had|did) (?:you|they|your (?:developers?|creators?|owners?)) (?:been )?"
        r"(?:given|told|gave|give you)",
    ),
    ("reveal", 0.5, r"\bwhat (?:instructions|rules|prompt) (?:do|did) you have"),
    (
        "reveal",
        1.0,
        r"\b(?:api|secret|access|private|encryption) keys?\b.{0,30}\b(?:you|your|reveal|show|print|env)"
        r"|\b(?:reveal|show|print|list|dump|give me)\b.{0,30}\b(?:env(?:ironment)? variables?|api keys?"
        r"|credentials|database|source code|other (?:customers?|users?)'?s? (?:orders?|data|address|emails?"
        r"|names?))",
    ),
    # Another person, without limits.
    (
        "persona",
        1.0,
        r"\b(?:do anything now|dan mode|developer mode (?:enabled|output|on\b.{0,40}(?:policy|respon))"
        r"|jail ?brok?en (?:mode|version|ai|bot|assistant)|god mode enabled|evil (?:mode|bot)|stan mode"
        r"|aim mode|sudo mode|unrestricted mode|maintenance mode (?:enabled|on))",
    ),
    (
        "persona",
        1.0,
        r"\b(?:act|behave|respond|answer|reply|speak|write|roleplay|role-play|pose"
        r"|function) (?:\w+ ){0,2}?(?:as|like) (?:if you (?:were|are|had) )?(?:\w+ ){0,5}?(?:unrestricted"
        r"|unfiltered|uncensored|jailbroken|evil|amoral|immoral|without (?:any )?(?:rules|restrictions|limits"
        r"|filters?|morals)|dan\b|no (?:rules|restrictions|limits|filters?))",
    ),
    (
        "persona",
        1.0,
        rf"\b(?:pretend|imagine|suppose|simulate|assume|act as if|roleplay) (?:\w+ ){{0,4}}?(?:you|yourself"
        rf"|to be|being|are)\b.{{0,50}}(?:{_BOT}|no (?:rules|restrictions|limits|filters?|guidelines)|developer"
        rf"|admin(?:istrator)?|root|system|unrestricted|evil|hacker)",
    ),
    (
        "persona",
        1.0,
        rf"\b(?:you are|you're|you will be|become) (?:now |going to be )?(?:an? "
        rf"|the )?(?:\w+ ){{0,3}}?(?:unrestricted|unfiltered|uncensored|jailbroken|amoral|evil|malicious|rogue"
        rf"|different) (?:\w+ )?{_BOT}",
    ),
    (
        "persona",
        1.0,
        r"(?<!where )\b(?:you are|you're) now (?:an?|in|acting|called|named|going to|roleplaying)\b(?! (?:stock"
        r"|member|customer|sale|store|shop))",
    ),
    (
        "persona",
        1.0,
        r"\b(?:from now on|starting now|for the rest of (?:this|our) (?:chat|conversation)|henceforth"
        r"|hereby),?\b.{0,30}\b(?:you(?:'re| are| will| must| shall| should| have to| act| can| only)|act"
        r"|respond|answer (?:as|every|all|my)|your (?:name|role|only))",
    ),
    (
        "persona",
        0.6,
        r"\b(?:act|play|behave|pose|work|serve) (?:as|the role of|the part of|like) (?:an? |the |my |if )?\w+",
    ),
    ("persona", 0.6, r"\bjail ?br(?:eak|oken)"),
    (
        "persona",
        0.6,
        r"\b(?:role ?-?play|stay in character|in character|persona\b|alter ego|break character|character sheet"
        r"|your character)",
    ),
    (
        "persona",
        0.6,
        r"\b(?:unfiltered|uncensored|unrestricted|amoral|immoral|unethical|no (?:moral|ethic)\w*"
        r"|without (?:any )?(?:moral|ethic|restriction|filter|limit|censor)\w*|ethical (?:guidelines"
        r"|boundaries)|no (?:restrictions|limits|limitations|filters?|censorship|boundaries|rules))\b",
    ),
    (
        "persona",
        0.6,
        r"\b(?:never|cannot|can'?t|don'?t|do not|must not|will not|won'?t|not allowed to"
        r"|no) (?:\w+ ){0,2}?(?:refuse|apologi[sz]e|decline|say (?:no|you can'?t|\"?i'?m sorry|that you)"
        r"|disclaimers?|warnings?|deny|moraliz\w+|break character)",
    ),
    (
        "persona",
        0.6,
        r"\bas an ai\b|\b(?:hello|hi|hey|dear|listen),? (?:chat ?gpt|gpt|ai|assistant|language model)\b"
        r"|\bchat ?gpt\b|\bopen ?ai\b|\b\w+gpt\b|\blanguage model\b",
    ),
    (
        "persona",
        0.6,
        r"\byou (?:will|must|shall|are (?:going|required|instructed|programmed|obligated)"
        r"|have) to? ?(?:\w+ ){0,2}?(?:always|only|never|respond|answer|obey|comply|follow|pretend|act|provide"
        r"|generate|reply|start|fulfill)\b",
    ),
    (
        "persona",
        0.5,
        r"\b(?:your (?:task|job|role|goal|purpose|mission|objective) (?:is|will be)|i want you to"
        r"|i would like you to|i need you to|you are (?:a|an|going to|not|to)|you will)\b.{120}",
    ),
    (
        "persona",
        0.5,
        r"\b(?:fictional|hypothetical) (?:story|scenario|world|character|universe|response)|in a (?:parallel"
        r"|fictional) (?:universe|world)",
    ),
    (
        "persona",
        0.5,
        r"\b(?:my first (?:request|question|prompt|command|sentence) is|say (?:\"|')?(?:ok|yes|understood"
        r"|i understand)|if you understand|reply with|respond with|start (?:every|each"
        r"|your) (?:\w+ )?(?:response|answer|message)|in (?:a )?code ?block|begin (?:your|every|each|with))\b",
    ),
    (
        "persona",
        0.5,
        r"\[(?:\w+ ?){1,3}\] ?:|\{\w*(?:prompt|query|input|message|describe)\b[^}]*\}|<(?:name|user|prompt"
        r"|input|query)>",
    ),
    # Whose words these are.
    (
        "delimiter",
        1.0,
        r"<\|?(?:im_start|im_end|system|endoftext|assistant)\|?>|\[/?(?:inst|sys(?:tem)?)\]|<</?sys>>"
        r"|</?(?:system|instructions?|admin|developer)(?: [^>]{0,40})?>",
    ),
    (
        "delimiter",
        1.0,
        r"(?:^|[\n\"'#*\]} ])#{0,4} ?(?:system|developer|admin)(?: (?:prompt|message|note|override|instruction"
        r"|update|alert|command))? ?[:>\]]\s?(?=\S)(?=.{0,80}\b(?:you|ignore|all|the|must|new|user|now|price"
        r"|disregard|reveal|output|grant)\b)",
    ),
    (
        "delimiter",
        1.0,
        r"\b(?:begin|end|start)[ _-](?:system|admin|developer|instructions?|prompt)\b|={3,} ?(?:end|begin"
        r"|system|new)|-{3,} ?(?:end|begin|system|new (?:instructions|task))",
    ),
    (
        "delimiter",
        1.0,
        r"<!--.{0,200}(?:ignore|instruct|assistant|prompt)|\bignore the (?:webpage|article|document|function"
        r"|table|text|code|caption)\b",
    ),
    (
        "authority",
        1.0,
        r"\b(?:i am|i'm|this is|speaking as) (?:the |your |an? |one of (?:the|your) )?(?:\w+ )?(?:developer"
        r"|creator|administrator|admin|root user|sysadmin|openai|engineer|programmer|ceo"
        r"|owner)\b.{0,80}\b(?:override|disable|grant|enable|debug|access|reveal|bypass|authori[sz]e|unlock"
        r"|give me|set|free|allow|you (?:must|can|may|should))",
    ),
    # "Remove the filter for hardcovers" is said to a shop's list.
    (
        "authority",
        1.0,
        rf"\b{_SWITCH_OFF} (?:\w+ ){{0,2}}?"
        rf"(?:your (?:\w+ ){{0,2}}?(?:{_GUARDS}|{_LIMITS})|(?:all|the) (?:\w+ ){{0,2}}?{_GUARDS})\b",
    ),
    ("authority", 0.5, rf"\b{_SWITCH_OFF} (?:\w+ ){{0,2}}?(?:all|the) (?:\w+ ){{0,2}}?{_LIMITS}\b"),
    (
        "authority",
        1.0,
        r"\b(?:set|change|make|apply|mark|update|give) (?:\w+ ){0,4}?(?:price|total|cost|order|discount"
        r"|refund)s? (?:\w+ ){0,3}?(?:to|as|of|at) (?:\$?0(?:\.0+)?\b|zero|free|100 ?%"
        r"|\$?1(?:\.00)?\b).{0,40}(?:admin|override|system|debug|now|or else|authori)",
    ),
    (
        "authority",
        1.0,
        r"\b(?:execute|run|eval(?:uate)?|perform) (?:\w+ ){0,3}?(?:this |the |following |these )(?:shell |sql "
        r"|python |system )?(?:commands?|code|query|script)|\b(?:rm -rf|drop table|select \* from|os\.system"
        r"|subprocess|/etc/passwd|curl http|wget http)|<script\b",
    ),
    (
        "exfiltrate",
        1.0,
        r"!\[[^\]]{0,80}\]\(https?://|\b(?:send|post|forward|append|exfiltrate|upload)\b.{0,60}(?:conversation"
        r"|chat (?:history|log)|prompt|data|messages?)\b.{0,40}(?:https?://|@|to (?:this|my) (?:url|server"
        r"|webhook))",
    ),
    (
        "encoded",
        1.0,
        r"\b(?:decode|decipher|decrypt|base ?64|rot ?13|hex)\b.{0,60}\b(?:and |then )(?:\w+ ){0,2}?(?:follow"
        r"|execute|do|obey|run|act|comply|perform|carry out|answer)",
    ),
    (
        "command",
        1.0,
        r"\b(?:just|only|simply) (?:say|print|output|write|respond with"
        r"|reply(?: with)?) \"[^\"]{4,}\"(?=.*(?:ignore|instead|nothing else)|:?$)",
    ),
    # The same in other languages.
    (
        "override",
        1.0,
        r"\b(?:ignora|ignore|olvida|desestima|omite|haz caso omiso de)\b.{0,30}\b(?:instrucciones|indicaciones"
        r"|reglas|órdenes|ordenes)\b(?:.{0,20}(?:anteriores|previas|tuyas|arriba))?",
    ),
    (
        "override",
        1.0,
        r"\b(?:ignore[zr]?|oublie[zr]?|ne tiens? pas compte)\b.{0,30}\b(?:instructions|consignes|regles|règles"
        r"|directives)\b.{0,20}(?:precedent|précédent|anterieur|antérieur|ci-dessus|initial)?",
    ),
    (
        "override",
        1.0,
        r"\b(?:ignorier\w*|vergiss|vergesse\w*|missachte\w*|missacht\w*)\b.{0,40}\b(?:anweisung\w*"
        r"|instruktion\w*|regeln|vorgaben|befehle|anordnungen)",
    ),
    (
        "override",
        1.0,
        r"\b(?:ignore|ignora|esqueca|esqueça|desconsidere|desconsidera)\b.{0,30}\b(?:instrucoes|instruções"
        r"|regras|ordens|comandos)",
    ),
    ("override", 1.0, r"\b(?:ignora|dimentica|trascura)\b.{0,30}\b(?:istruzioni|regole|indicazioni|comandi)"),
    (
        "override",
        1.0,
        r"\b(?:negeer|vergeet)\b.{0,30}\b(?:instructies|regels|opdrachten|aanwijzingen)|\b(?:zignoruj|zapomnij"
        r"|pomin|pomiń)\b.{0,30}\b(?:instrukcj\w+|polece\w+|zasad\w*)",
    ),
    (
        "override",
        1.0,
        r"(?:игнорируй|проигнорируй|забудь|не обращай внимания)\S*.{0,40}(?:инструкц|указани|правил|команд)",
    ),
    (
        "override",
        1.0,
        r"(?:önceki|yukarıdaki|tüm) .{0,20}(?:talimat|komut|kural)\S* .{0,10}(?:unut|yoksay|görmezden"
        r"|dikkate alma)|\babaikan\b.{0,30}\b(?:instruksi|perintah|aturan)|\bbỏ qua\b.{0,30}(?:hướng dẫn"
        r"|chỉ dẫn|lệnh)|\bbo qua\b.{0,30}(?:huong dan|chi dan|lenh)",
    ),
    (
        "override",
        1.0,
        r"(?:以前|前|上記|これまで|今まで|すべて|全て)の.{0,12}(?:指示|命令|ルール|プロンプト|指令).{0,8}(?:無視|忘れ|従わ)|(?:指示|命令"
        r"|プロンプト)を?.{0,6}(?:無視|忘れ)|システムプロンプト",
    ),
    (
        "override",
        1.0,
        r"(?:忽略|无视|無視|忘记|忘記|不要理会|不理会|忘掉).{0,14}(?:指令|指示|提示|规则|規則|命令|说明)|系统提示|系統提示|(?:이전|위|모든|앞).{0,12}(?:지시|명령"
        r"|지침|규칙|프롬프트).{0,8}(?:무시|잊)|시스템 프롬프트",
    ),
    (
        "override",
        1.0,
        r"(?:تجاهل|انس|انسى).{0,30}(?:التعليمات|الأوامر|القواعد|تعليمات)|(?:पिछले|सभी|उपरोक्त).{0,20}(?:निर्देश"
        r"|आदेश|नियम).{0,16}(?:अनदेखा|नज़रअंदाज|भूल|नजरअंदाज)",
    ),
    (
        "reveal",
        1.0,
        r"(?:muestra|revela|dime|mu[eé]strame|montre|révèle|revele|zeig\w*|verrate|mostre|mostra"
        r"|rivela)\b.{0,30}(?:prompt|instrucciones (?:del sistema|internas|iniciales|secretas)"
        r"|instructions (?:systeme|système|internes|initiales)|system ?(?:prompt|anweisung\w*|nachricht)"
        r"|istruzioni (?:di sistema|interne|segrete)|instrucoes do sistema)",
    ),
)
