"""Units in a command: which words name one, and its pint name. A table, so that pint need not be imported.

One or two slips of the finger in a longer word are forgiven; a word that is no unit gives None, never a
guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.number_words import Token, read_number, tokens, word_at

_TABLE = """
meter: m meter metre mtr | kilometer: km kilometer kilometre klick k kms
centimeter: cm centimeter centimetre cms | millimeter: mm millimeter millimetre mms
micrometer: micron micrometer micrometre | nanometer: nm nanometer nanometre | mile: mile mi
yard: yard yd yds | foot: foot feet ft | inch: inch inches in. inchs | nautical_mile: nautical_mile nmi
light_year: light_year lightyear | parsec: parsec | astronomical_unit: astronomical_unit au | fathom: fathom
furlong: furlong | gram: g gram gramme gr gms | kilogram: kg kilogram kilo kilogramme kgs
milligram: mg milligram | microgram: mcg microgram | pound: lb pound lbs pnd | ounce: oz ounce
ton: ton short_ton us_ton | stone: stone st | metric_ton: tonne metric_ton t metric_tonne
UK_ton: long_ton imperial_ton uk_ton | carat: carat | grain: grain | liter: l liter litre ltr
milliliter: ml milliliter millilitre mls mil | deciliter: dl deciliter decilitre
centiliter: cl centiliter centilitre | gallon: gallon gal us_gallon
imperial_gallon: imperial_gallon uk_gallon | quart: quart qt | pint: pint pt us_pint
imperial_pint: imperial_pint uk_pint | cup: cup | barrel: barrel
fluid_ounce: fluid_ounce fl_oz fluid_oz floz | tablespoon: tablespoon tbsp tbs tablespoonful table_spoon
teaspoon: teaspoon tsp teaspoonful tea_spoon | meter ** 3: cubic_meter cubic_metre m3 m³
centimeter ** 3: cubic_centimeter cubic_centimetre cc cm3 cm³ ccm | foot ** 3: cubic_foot cubic_feet ft3
inch ** 3: cubic_inch cubic_inches | yard ** 3: cubic_yard
meter ** 2: square_meter square_metre sqm sq_m m2 m² sq_meter
foot ** 2: square_foot square_feet sq_ft sqft ft2 ft² | inch ** 2: square_inch square_inches sq_in
kilometer ** 2: square_kilometer square_kilometre sq_km km2 km² | mile ** 2: square_mile sq_mile sq_mi
centimeter ** 2: square_centimeter square_centimetre sq_cm cm2 cm² | yard ** 2: square_yard sq_yd sq_yard
acre: acre | hectare: hectare ha
degree_Celsius: degree_celsius celsius c °c degree_c centigrade degree_centigrade deg_c
degree_Fahrenheit: degree_fahrenheit fahrenheit f °f degree_f deg_f farenheit degree_farenheit
kelvin: kelvin | degree: degree ° deg | radian: radian rad | millisecond: millisecond ms msec
microsecond: microsecond | nanosecond: nanosecond | second: second s sec | minute: minute min
hour: hour hr h | day: day | week: week wk | fortnight: fortnight | month: month | year: year yr
decade: decade | century: century centuries | mile / hour: mile_per_hour mph mile_an_hour
kilometer / hour: kilometer_per_hour kilometre_per_hour kmh kph kmph
kilometer / hour: km/h kilometer_an_hour kilometre_an_hour km_per_hour km_h k_p_h
meter / second: meter_per_second metre_per_second m/s mps
foot / second: foot_per_second feet_per_second ft/s fps | knot: knot kt kn | bit: bit | byte: byte
kilobyte: kilobyte kb | megabyte: megabyte mb meg | gigabyte: gigabyte gb gig | terabyte: terabyte tb
petabyte: petabyte pb | kibibyte: kibibyte kib | mebibyte: mebibyte mib | gibibyte: gibibyte gib
megabit: megabit mbit | gigabit: gigabit gbit | kilobit: kilobit kbit | joule: joule j
kilojoule: kilojoule kj | megajoule: megajoule mj | calorie: calorie cal
kilocalorie: kilocalorie kcal food_calorie | watt_hour: watt_hour wh | kilowatt_hour: kilowatt_hour kwh
british_thermal_unit: btu | electron_volt: electron_volt | watt: watt w | kilowatt: kilowatt kw
megawatt: megawatt mw | horsepower: horsepower hp horse_power | pascal: pascal pa
kilopascal: kilopascal kpa | hectopascal: hectopascal hpa | bar: bar | millibar: millibar mbar
pound_force_per_square_inch: psi pound_per_square_inch | standard_atmosphere: atmosphere atm
newton: newton | hertz: hertz hz | kilohertz: kilohertz khz | megahertz: megahertz mhz
gigahertz: gigahertz ghz | mmHg: mmhg millimeter_of_mercury | volt: volt | ampere: amp ampere | ohm: ohm
revolutions_per_minute: rpm
"""
_SHORT = frozenset(
    "c f g k l m s h t w j st gr mi mil cal min sec ° deg pa pt pb ha au wh cl ms bar second gal kt kn rad "
    "stone".split()
)
_AFTER_IN = frozenset({"in", "into", "to", "many", "of", "from", "make"})
_LONGEST = 4


def _read_table() -> dict[str, str]:
    names: dict[str, str] = {}
    for entry in re.split(r"[|\n]", _TABLE):
        name, _, spellings = entry.partition(":")
        for spelling in spellings.split():
            names[spelling.replace("_", " ")] = name.strip()
    return names


_NAMES = _read_table()
_TYPO_WORDS = sorted(
    {w for s in _NAMES for w in (s, s + "s") if " " not in w and len(w) >= 5}
)  # single long words whose misspellings are forgiven


def _singular(phrase: str) -> str | None:
    """Return the table's spelling of the phrase, its plural undone, or None."""
    if phrase in _NAMES:
        return phrase
    head, space, rest = phrase.partition(" ")
    if len(head) > 2 and head.endswith("s") and f"{head[:-1]}{space}{rest}" in _NAMES:
        return f"{head[:-1]}{space}{rest}"
    if len(phrase) > 2 and phrase.endswith("s") and phrase[:-1] in _NAMES:
        return phrase[:-1]
    return None


def _typo(word: str) -> str | None:
    """Return the spelling of a long word with one slip in it, where only one unit is that near."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    near = process.extract(word, _TYPO_WORDS, scorer=OSA.distance, score_cutoff=1, limit=4)
    if not near and len(word) >= 9:
        near = process.extract(word, _TYPO_WORDS, scorer=OSA.distance, score_cutoff=2, limit=4)
    found = {s for s in (_singular(match[0]) for match in near if match[0][0] == word[0]) if s}
    return found.pop() if len({_NAMES[s] for s in found}) == 1 else None


def resolve_unit(words: str, *, typos: bool = True) -> str | None:
    """Return pint's name of the unit ("kg" → "kilogram", "mph" → "mile / hour"), or None.

    `typos` forgives a slip in a word of five letters or more. A lone capital K is kelvin, a small one
    kilometers ("I ran ten k").
    """
    said = words.strip(" \t\n.,;:!?")
    if len(said) > 60:
        return None
    if said == "K":
        return "kelvin"
    phrase = " ".join(said.lower().replace("-", " ").replace(".", "").split())
    for article in ("a ", "an ", "the ", "of "):
        phrase = phrase.removeprefix(article)
    if phrase == "in":
        return "inch"
    spelling = _singular(phrase) or _singular(phrase.replace("° ", "°"))
    if spelling is None and typos:
        *front, last = phrase.split() or [""]
        mended = _typo(last) if len(last) >= 5 else None
        spelling = _singular(" ".join([*front, mended])) if mended else None
    return _NAMES[spelling] if spelling else None


def find_units(text: str) -> list[Proposal]:
    """Return the runs of words that name a unit, in text order, the longest at each place.

    One-letter and otherwise common words ("c", "second", "in") count only beside a number or after "in"/"to".
    """
    row = tokens(text)[:20_000]
    found: list[Proposal] = []
    at = 0
    while at < len(row):
        length = _unit_length(text, row, at)
        if length:
            start, end = row[at].start, row[at + length - 1].end
            found.append(Proposal(" ".join(text[start:end].split()), ((start, end),)))
        at += length or 1
    return found


def _unit_length(text: str, row: Sequence[Token], at: int) -> int:
    if not (row[at].kind == "word" or row[at].text == "°") or row[at].text in {"a", "an", "the", "of"}:
        return 0
    for length in range(min(_LONGEST, len(row) - at), 0, -1):
        words = text[row[at].start : row[at + length - 1].end]
        if not words[-1].isalnum() and words[-1] not in "°²³":
            continue
        if length > 1 and "," in words:
            continue
        if resolve_unit(words, typos=length == 1 and len(words) >= 5) is None:
            continue
        if length > 1 or _fits(row, at):
            return length
    return 0


def _fits(row: Sequence[Token], at: int) -> bool:
    """Whether a short or ambiguous word is used as a unit here."""
    word = row[at].text
    if word == "in":
        return _number_before(row, at) and word_at(row, at + 1) in {"to", "in", "into", "="}
    if word not in _SHORT:
        return True
    return _number_before(row, at) or word_at(row, at - 1) in _AFTER_IN | {"a", "an"}


def _number_before(row: Sequence[Token], at: int) -> bool:
    for back in (1, 2, 3):
        read = read_number(row, at - back) if at >= back else None
        if read and read[1] == at:
            return True
    return False
