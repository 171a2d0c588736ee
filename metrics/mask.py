"""Personal data in quotes that leave the machine: e-mail, phone, card, IBAN, web addresses, handles and names become words.

Masking reads forms, not meaning: a name goes where somebody is greeted, thanked, introduced or signs; other names and
street addresses stay. It would rather hide a long order number than show a telephone number. Web addresses go because they can carry keys, and because mail programs make them clickable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

EMAIL: Final = "[e-mail]"
PHONE: Final = "[phone]"
CARD: Final = "[card]"
IBAN: Final = "[IBAN]"
LINK: Final = "[link]"
HANDLE: Final = "[handle]"
NAME: Final = "[name]"

_LINK = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.)[^\s<>\"']+", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE | re.ASCII)
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,21}")
_PHONE = re.compile(r"(?<![\w.])(?:\+[ ]?)?\(?\d(?:[ ./()-]{0,2}\d){6,21}(?!\d)")
_DATE = re.compile(r"(?:\d{4}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2\d{2,4})(?!\d)")
_YEARS = re.compile(r"(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d")
_HANDLE = re.compile(r"(?<![\w.@])@\w{2,30}")
# One or two words, each with its capital; an apostrophe or hyphen may stand within.
_WORD = r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*"
_NAMED = (
    re.compile(  # "Hi Maria", "Dear Mr Okafor", "Thanks Priya"
        rf"\b(?:hi|hello|hey|hiya|dear|good (?:morning|afternoon|evening)|thanks|thank you|cheers|sorry)"
        rf"(?: (?:mrs?|ms|miss|dr)\b\.?)? +(?P<name>{_WORD}(?: {_WORD})?)",
        re.IGNORECASE,
    ),
    re.compile(  # "Hi, Maria!"
        rf"\b(?:hi|hello|hey|hiya), (?P<name>{_WORD})(?=[,.!])", re.IGNORECASE
    ),
    re.compile(  # "my name is Priya Shah", "I spoke to Tom", "your colleague Ana"
        rf"\b(?:my name(?: i|'|\u2019)s|(?:spoke|spoken|speaking|talked|chatted) (?:to|with)|colleague|agent|it(?: i|'|\u2019)s me,)"
        rf" +(?P<name>{_WORD}(?: {_WORD})?)",
        re.IGNORECASE,
    ),
    re.compile(  # "this is Maria from Accounts", "I'm Tom and I look after your account"
        rf"\b(?:this is|i am|i'm|i\u2019m) (?P<name>{_WORD}(?: {_WORD})?)(?= (?:from|here|speaking|and i|with the)\b)",
        re.IGNORECASE,
    ),
    re.compile(  # "Kind regards, Maria Lopez"
        rf"\b(?:regards|sincerely|faithfully|wishes|yours|thanks|thank you|cheers|best)[,!]?\s+"
        rf"(?P<name>{_WORD}(?: {_WORD})?)(?=\s*[.!]?\s*$)",
        re.IGNORECASE,
    ),
)
# Words that bear a capital where a name could stand.
_NO_NAMES: Final = frozenset(
    "again all and any anyone both but customer everybody everyone folks for friend guys heard hi hello how i if in it ladies"
    " madam maam my no please sir sirs so support team thanks that the there this to we what when where why yes you your".split()
)

_FEWEST_CARD_DIGITS = 13
_MOST_CARD_DIGITS = 19
_FEWEST_IBAN_CHARACTERS = 15
_PLAIN_PHONE_DIGITS = 9  # shorter runs without a sign or a gap are order numbers more often than telephones


def mask(text: str) -> str:
    """The text with addresses of mail and web, telephone, card and account numbers, handles and names replaced by words."""
    text = _LINK.sub(LINK, text)
    text = _EMAIL.sub(EMAIL, text)
    text = _HANDLE.sub(HANDLE, text)
    text = _IBAN.sub(lambda found: _longest(found.group(), _is_iban, IBAN), text)
    text = _CARD.sub(lambda found: _longest(found.group(), _is_card, CARD), text)
    text = _PHONE.sub(_phone, text)
    for frame in _NAMED:
        text = frame.sub(_name, text)
    return text


def _name(match: re.Match[str]) -> str:
    """The find with the name in it replaced: as many words as bear a capital."""
    name, whole = match["name"], match.group()
    words = name.split(" ")
    count = next((place for place, word in enumerate(words) if not _may_be_name(word)), len(words))
    if not count:
        return whole
    before = whole[: match.start("name") - match.start()]
    return before + " ".join([NAME, *words[count:]])


def _may_be_name(word: str) -> bool:
    return word[0].isupper() and len(word) > 1 and word.lower() not in _NO_NAMES


def passes_luhn(digits: str) -> bool:
    """Whether a card number's check digit is right (ISO/IEC 7812-1)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)  # every second digit counts double, from the right
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def passes_iban(account: str) -> bool:
    """Whether an account number's check digits are right (ISO 13616, modulo 97)."""
    turned = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _longest(found: str, is_hit: Callable[[str], bool], word: str) -> str:
    """The find with its longest head that is a number of that kind replaced; unchanged where none is."""
    for end in range(len(found), _FEWEST_CARD_DIGITS - 1, -1):
        if found[end - 1].isalnum() and is_hit(re.sub(r"[ -]", "", found[:end])):
            return word + found[end:]
    return found


def _is_card(digits: str) -> bool:
    return _FEWEST_CARD_DIGITS <= len(digits) <= _MOST_CARD_DIGITS and passes_luhn(digits)


def _is_iban(account: str) -> bool:
    return len(account) >= _FEWEST_IBAN_CHARACTERS and passes_iban(account)


def _phone(match: re.Match[str]) -> str:
    found = match.group()
    digits = re.sub(r"\D", "", found)
    plain = found == digits
    if (
        _DATE.match(found)
        or _YEARS.fullmatch(found)
        or (plain and len(digits) < _PLAIN_PHONE_DIGITS and not digits.startswith("0"))
    ):
        return found
    return PHONE
