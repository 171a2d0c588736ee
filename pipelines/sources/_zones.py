"""Zone names of helpdesks built on Ruby on Rails (Zendesk, Freshdesk) as IANA names.

Most of them are the city of an IANA name; the others are written out.
"""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_CITIES = {
    "Africa": "Cairo Casablanca Harare Monrovia Nairobi",
    "America": "Bogota Caracas Chihuahua La_Paz Lima Mazatlan Mexico_City Monterrey Montevideo Puerto_Rico "
    "Santiago Tijuana",
    "America/Argentina": "Buenos_Aires",
    "Asia": "Almaty Baghdad Baku Bangkok Dhaka Hong_Kong Irkutsk Jakarta Jerusalem Kabul Kamchatka Karachi Kathmandu "
    "Kolkata Krasnoyarsk Kuala_Lumpur Kuwait Magadan Muscat Novosibirsk Riyadh Seoul Singapore Srednekolymsk Taipei "
    "Tashkent Tbilisi Tehran Tokyo Ulaanbaatar Urumqi Vladivostok Yakutsk Yerevan",
    "Atlantic": "Azores",
    "Australia": "Adelaide Brisbane Darwin Hobart Melbourne Perth Sydney",
    "Europe": "Amsterdam Athens Belgrade Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin Helsinki "
    "Istanbul Kaliningrad Lisbon Ljubljana London Madrid Minsk Moscow Paris Prague Riga Rome Samara Sarajevo Skopje "
    "Sofia Stockholm Tallinn Vienna Vilnius Volgograd Warsaw Zagreb Zurich",
    "Pacific": "Auckland Fiji Guam Port_Moresby",
}
_OTHERS = {
    "Abu Dhabi": "Asia/Muscat",
    "Alaska": "America/Juneau",
    "American Samoa": "Pacific/Pago_Pago",
    "Arizona": "America/Phoenix",
    "Astana": "Asia/Dhaka",
    "Atlantic Time (Canada)": "America/Halifax",
    "Beijing": "Asia/Shanghai",
    "Bern": "Europe/Zurich",
    "Brasilia": "America/Sao_Paulo",
    "Canberra": "Australia/Melbourne",
    "Cape Verde Is.": "Atlantic/Cape_Verde",
    "Central America": "America/Guatemala",
    "Central Time (US & Canada)": "America/Chicago",
    "Chatham Is.": "Pacific/Chatham",
    "Chennai": "Asia/Kolkata",
    "Chongqing": "Asia/Shanghai",
    "Eastern Time (US & Canada)": "America/New_York",
    "Edinburgh": "Europe/London",
    "Ekaterinburg": "Asia/Yekaterinburg",
    "Georgetown": "America/Guyana",
    "Greenland": "America/Godthab",
    "Guadalajara": "America/Mexico_City",
    "Hanoi": "Asia/Bangkok",
    "Hawaii": "Pacific/Honolulu",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "International Date Line West": "Etc/GMT+12",
    "Islamabad": "Asia/Karachi",
    "Kiev": "Europe/Kiev",
    "Kyiv": "Europe/Kiev",
    "Marshall Is.": "Pacific/Majuro",
    "Mid-Atlantic": "Atlantic/South_Georgia",
    "Midway Island": "Pacific/Midway",
    "Mountain Time (US & Canada)": "America/Denver",
    "Mumbai": "Asia/Kolkata",
    "New Caledonia": "Pacific/Noumea",
    "New Delhi": "Asia/Kolkata",
    "Newfoundland": "America/St_Johns",
    "Nuku'alofa": "Pacific/Tongatapu",
    "Osaka": "Asia/Tokyo",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Pretoria": "Africa/Johannesburg",
    "Quito": "America/Lima",
    "Rangoon": "Asia/Rangoon",
    "Samoa": "Pacific/Apia",
    "Sapporo": "Asia/Tokyo",
    "Saskatchewan": "America/Regina",
    "Solomon Is.": "Pacific/Guadalcanal",
    "Sri Jayawardenepura": "Asia/Colombo",
    "St. Petersburg": "Europe/Moscow",
    "Tokelau Is.": "Pacific/Fakaofo",
    "UTC": "Etc/UTC",
    "Wellington": "Pacific/Auckland",
    "West Central Africa": "Africa/Algiers",
}
NAMES = {
    city.replace("_", " "): f"{area}/{city}" for area, cities in _CITIES.items() for city in cities.split()
} | _OTHERS
_BY_FOLDED = {name.casefold(): zone for name, zone in NAMES.items()}
_OFFSET = re.compile(r"^\((?:GMT|UTC)[^)]*\)\s*")  # as the settings pages show it: (GMT+01:00) Berlin


@cache
def iana(name: str | None) -> str | None:
    """The IANA name of a zone by its Rails name or by its IANA name; None for a name that is neither."""
    text = _OFFSET.sub("", (name or "").strip())
    if not text:
        return None
    if found := _BY_FOLDED.get(text.casefold()):
        return found
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return text
