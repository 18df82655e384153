"""The series that readers everywhere know best; they are rated by more readers, and higher."""

from __future__ import annotations

_IDS = (
    "20th-century-boys akira attack-on-titan berserk bleach blue-lock chainsaw-man dandadan death-note",
    "delicious-in-dungeon demon-slayer dragon-ball frieren-beyond-journeys-end fruits-basket",
    "fullmetal-alchemist golden-kamuy goodnight-punpun haikyu horimiya hunter-x-hunter jujutsu-kaisen",
    "kaguya-sama-love-is-war kimi-ni-todoke kingdom look-back made-in-abyss march-comes-in-like-a-lion",
    "mob-psycho-100 monster my-hero-academia nana naruto nausicaa-of-the-valley-of-the-wind one-piece",
    "one-punch-man oshi-no-ko ouran-high-school-host-club parasyte pluto sailor-moon a-silent-voice slam-dunk",
    "spy-x-family the-apothecary-diaries the-promised-neverland tokyo-ghoul uzumaki vagabond vinland-saga",
    "witch-hat-atelier yona-of-the-dawn yotsuba-and your-lie-in-april",
)
BESTSELLERS = frozenset(series_id for line in _IDS for series_id in line.split())
