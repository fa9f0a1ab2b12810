"""Which time zone a city, country or state is in: an offline table of some seven hundred names.

A country with several zones has that of its capital, and says so. Names that are not here are looked up among
the cities of the zone database itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TABLE = """
Europe/London: London|Manchester|Birmingham|Liverpool|Leeds|Bristol|Glasgow|Edinburgh|Cardiff|Belfast
Europe/London: Oxford|Cambridge
Europe/London: UK|United Kingdom|Britain|Great Britain|England|Scotland|Wales|Northern Ireland
Europe/London: British time|BST; Europe/Dublin: Dublin|Cork|Galway|Ireland
Europe/Paris: Paris|Lyon|Marseille|Nice|Toulouse|Bordeaux|Lille|Strasbourg|Nantes|France|CET|CEST
Europe/Paris: Central European time
Europe/Berlin: Berlin|Hamburg|Munich|München|Cologne|Köln|Frankfurt|Stuttgart|Leipzig|Dresden|Düsseldorf
Europe/Berlin: Bonn|Germany; Europe/Madrid: Madrid|Barcelona|Valencia|Seville|Bilbao|Malaga|Palma|Spain
Atlantic/Canary: Canary Islands|Tenerife; Europe/Lisbon: Lisbon|Porto|Faro|Portugal; Atlantic/Azores: Azores
Atlantic/Madeira: Madeira; Europe/Rome: Rome|Milan|Naples|Turin|Florence|Venice|Bologna|Palermo|Italy|Sicily
Europe/Malta: Malta|Valletta
Europe/Amsterdam: Amsterdam|Rotterdam|The Hague|Utrecht|Eindhoven|Netherlands|Holland
Europe/Brussels: Brussels|Antwerp|Ghent|Bruges|Belgium; Europe/Luxembourg: Luxembourg
Europe/Zurich: Zurich|Zürich|Geneva|Basel|Bern|Lausanne|Switzerland
Europe/Vienna: Vienna|Salzburg|Graz|Innsbruck|Austria; Europe/Prague: Prague|Brno|Czechia|Czech Republic
Europe/Bratislava: Bratislava|Slovakia; Europe/Budapest: Budapest|Hungary
Europe/Warsaw: Warsaw|Krakow|Gdansk|Wroclaw|Poland; Europe/Vilnius: Vilnius|Lithuania
Europe/Riga: Riga|Latvia; Europe/Tallinn: Tallinn|Estonia; Europe/Helsinki: Helsinki|Tampere|Finland
Europe/Stockholm: Stockholm|Gothenburg|Malmö|Sweden; Europe/Oslo: Oslo|Bergen|Trondheim|Norway
Europe/Copenhagen: Copenhagen|Aarhus|Denmark; Atlantic/Reykjavik: Reykjavik|Iceland
Atlantic/Faroe: Faroe Islands; Europe/Athens: Athens|Thessaloniki|Crete|Greece|Eastern European time|EET
Asia/Nicosia: Nicosia|Cyprus; Europe/Istanbul: Istanbul|Ankara|Izmir|Antalya|Turkey|Türkiye
Europe/Sofia: Sofia|Bulgaria; Europe/Bucharest: Bucharest|Cluj|Romania; Europe/Belgrade: Belgrade|Serbia
Europe/Zagreb: Zagreb|Split|Croatia; Europe/Ljubljana: Ljubljana|Slovenia; Europe/Sarajevo: Sarajevo|Bosnia
Europe/Skopje: Skopje|North Macedonia; Europe/Tirane: Tirana|Albania; Europe/Podgorica: Montenegro|Podgorica
Europe/Belgrade: Kosovo|Pristina; Europe/Kyiv: Kyiv|Kiev|Lviv|Odesa|Ukraine
Europe/Chisinau: Chisinau|Moldova; Europe/Minsk: Minsk|Belarus
Europe/Moscow: Moscow|Saint Petersburg|St Petersburg|Sochi|Russia*Moscow; Asia/Vladivostok: Vladivostok
Asia/Yekaterinburg: Yekaterinburg; Asia/Novosibirsk: Novosibirsk; Asia/Tbilisi: Tbilisi|Georgia country
Asia/Yerevan: Yerevan|Armenia; Asia/Baku: Baku|Azerbaijan; Asia/Tehran: Tehran|Iran
Asia/Baghdad: Baghdad|Iraq; Asia/Jerusalem: Jerusalem|Tel Aviv|Haifa|Israel; Asia/Gaza: Gaza|Palestine
Asia/Beirut: Beirut|Lebanon; Asia/Damascus: Damascus|Syria; Asia/Amman: Amman|Jordan
Asia/Riyadh: Riyadh|Jeddah|Mecca|Saudi Arabia; Asia/Kuwait: Kuwait|Kuwait City; Asia/Bahrain: Bahrain|Manama
Asia/Qatar: Doha|Qatar; Asia/Muscat: Muscat|Oman
Asia/Dubai: Dubai|Abu Dhabi|UAE|United Arab Emirates|Emirates; Asia/Aden: Yemen|Sanaa
Asia/Kabul: Kabul|Afghanistan; Asia/Karachi: Karachi|Lahore|Islamabad|Pakistan
Asia/Tashkent: Tashkent|Uzbekistan; Asia/Almaty: Almaty|Astana|Kazakhstan; Asia/Bishkek: Bishkek|Kyrgyzstan
Asia/Dushanbe: Dushanbe|Tajikistan; Asia/Ashgabat: Ashgabat|Turkmenistan
Asia/Kolkata: Mumbai|Bombay|Delhi|New Delhi|Bangalore|Bengaluru|Chennai|Madras|Hyderabad|Kolkata|Calcutta
Asia/Kolkata: Pune|Ahmedabad; Asia/Kolkata: Jaipur|Goa|Kochi|Lucknow|India|IST
Asia/Colombo: Colombo|Sri Lanka; Asia/Kathmandu: Kathmandu|Nepal; Asia/Dhaka: Dhaka|Bangladesh
Asia/Thimphu: Bhutan|Thimphu; Indian/Maldives: Maldives|Male; Asia/Yangon: Yangon|Myanmar|Burma
Asia/Bangkok: Bangkok|Phuket|Chiang Mai|Thailand; Asia/Vientiane: Laos|Vientiane
Asia/Phnom_Penh: Cambodia|Phnom Penh; Asia/Ho_Chi_Minh: Ho Chi Minh City|Saigon|Hanoi|Da Nang|Vietnam
Asia/Kuala_Lumpur: Kuala Lumpur|Penang|Malaysia; Asia/Singapore: Singapore
Asia/Jakarta: Jakarta|Surabaya|Bandung|Indonesia*Jakarta; Asia/Makassar: Bali|Denpasar
Asia/Manila: Manila|Cebu|Quezon City|Philippines; Asia/Brunei: Brunei; Asia/Hong_Kong: Hong Kong
Asia/Macau: Macau
Asia/Shanghai: Shanghai|Beijing|Peking|Shenzhen|Guangzhou|Chengdu|Wuhan|Tianjin|Xi'an|Hangzhou|China
Asia/Taipei: Taipei|Taiwan; Asia/Seoul: Seoul|Busan|Incheon|South Korea|Korea|KST
Asia/Pyongyang: Pyongyang|North Korea
Asia/Tokyo: Tokyo|Osaka|Kyoto|Yokohama|Nagoya|Sapporo|Fukuoka|Hiroshima|Kobe|Japan|JST
Asia/Ulaanbaatar: Ulaanbaatar|Mongolia
Australia/Sydney: Sydney|Canberra|Newcastle Australia|Australia*Canberra|New South Wales|AEST|AEDT
Australia/Melbourne: Melbourne|Victoria Australia; Australia/Brisbane: Brisbane|Gold Coast|Cairns|Queensland
Australia/Perth: Perth|Western Australia; Australia/Adelaide: Adelaide|South Australia
Australia/Darwin: Darwin; Australia/Hobart: Hobart|Tasmania
Pacific/Auckland: Auckland|Wellington|Christchurch|Queenstown|New Zealand|NZ|NZST; Pacific/Fiji: Fiji|Suva
Pacific/Apia: Samoa|Apia; Pacific/Tongatapu: Tonga; Pacific/Port_Moresby: Papua New Guinea|Port Moresby
Pacific/Guam: Guam; Pacific/Tahiti: Tahiti|Papeete|French Polynesia
Pacific/Honolulu: Honolulu|Hawaii|Maui|HST|Hawaii time
America/Anchorage: Anchorage|Juneau|Alaska|Fairbanks|AKST
America/Los_Angeles: Los Angeles|LA|San Francisco|SF|San Diego|San Jose|Sacramento|Seattle|Portland
America/Los_Angeles: Las Vegas|California
America/Los_Angeles: Oakland|Silicon Valley|Hollywood|Palo Alto|Washington state|Nevada|Oregon|PST|PDT
America/Los_Angeles: Pacific time|West Coast
America/Denver: Denver|Salt Lake City|Albuquerque|Santa Fe|Colorado|Utah|New Mexico|Montana|Wyoming|MST
America/Denver: MDT|Mountain time; America/Boise: Boise|Idaho; America/Phoenix: Phoenix|Tucson|Arizona
America/Chicago: Chicago|Houston|Dallas|Austin|San Antonio|Minneapolis|St Louis|Kansas City|New Orleans
America/Chicago: Milwaukee|Memphis|Nashville
America/Chicago: Texas|Illinois|Minnesota|Wisconsin|Iowa|Missouri|Louisiana|Alabama|Oklahoma|Tennessee
America/Chicago: Kansas|Nebraska
America/Chicago: Mississippi|Arkansas|Oklahoma City|Omaha|CST|CDT|Central time
America/New_York: New York|NYC|New York City|Manhattan|Brooklyn|Boston|Washington|Washington DC|DC
America/New_York: Philadelphia|Miami|Orlando
America/New_York: Atlanta|Charlotte|Pittsburgh|Baltimore|Cleveland|Columbus|Cincinnati|Tampa|Buffalo
America/New_York: Raleigh|Newark|Florida
America/New_York: New Jersey|Massachusetts|Pennsylvania|Virginia|Ohio|Georgia|North Carolina
America/New_York: South Carolina|Maryland|Connecticut
America/New_York: Maine|Vermont|New Hampshire|Rhode Island|Delaware|West Virginia|Kentucky|EST|EDT
America/New_York: Eastern time|East Coast
America/New_York: USA*Washington|US*Washington|United States*Washington|America*Washington
America/New_York: the States*Washington; America/Detroit: Detroit|Michigan|Ann Arbor
America/Indiana/Indianapolis: Indianapolis|Indiana; America/Kentucky/Louisville: Louisville
America/Toronto: Toronto|Ottawa|Montreal|Quebec|Quebec City|Hamilton Ontario|Ontario|Canada*Ottawa
America/Halifax: Halifax|Nova Scotia; America/Winnipeg: Winnipeg|Manitoba
America/Regina: Regina|Saskatoon|Saskatchewan; America/Edmonton: Calgary|Edmonton|Alberta
America/Vancouver: Vancouver|Victoria|British Columbia|Whistler; America/St_Johns: Newfoundland|St Johns
America/Mexico_City: Mexico City|Guadalajara|Monterrey|Mexico*Mexico City; America/Cancun: Cancun
America/Tijuana: Tijuana; America/Guatemala: Guatemala|Guatemala City; America/El_Salvador: El Salvador
America/Tegucigalpa: Honduras; America/Managua: Nicaragua|Managua; America/Costa_Rica: Costa Rica
America/Panama: Panama|Panama City; America/Belize: Belize; America/Havana: Havana|Cuba
America/Jamaica: Jamaica|Kingston; America/Port-au-Prince: Haiti|Port au Prince
America/Santo_Domingo: Dominican Republic|Santo Domingo|Punta Cana
America/Puerto_Rico: Puerto Rico|San Juan; America/Nassau: Bahamas|Nassau; America/Barbados: Barbados
America/Port_of_Spain: Trinidad|Trinidad and Tobago; Atlantic/Bermuda: Bermuda
America/Bogota: Bogota|Bogotá|Medellin|Cali|Cartagena|Colombia; America/Caracas: Caracas|Venezuela
America/Guyana: Guyana; America/Guayaquil: Quito|Guayaquil|Ecuador; Pacific/Galapagos: Galapagos
America/Lima: Lima|Cusco|Peru; America/La_Paz: La Paz|Bolivia
America/Santiago: Santiago|Valparaiso|Chile*Santiago; Pacific/Easter: Easter Island
America/Asuncion: Asuncion|Paraguay; America/Montevideo: Montevideo|Uruguay
America/Argentina/Buenos_Aires: Buenos Aires|Cordoba Argentina|Rosario|Argentina
America/Sao_Paulo: Sao Paulo|São Paulo|Rio de Janeiro|Rio|Brasilia|Belo Horizonte|Brazil*Brasilia
America/Manaus: Manaus; America/Bahia: Salvador; America/Recife: Recife; America/Paramaribo: Suriname
America/Nuuk: Greenland|Nuuk; Africa/Cairo: Cairo|Alexandria|Egypt; Africa/Tripoli: Tripoli|Libya
Africa/Tunis: Tunis|Tunisia; Africa/Algiers: Algiers|Algeria
Africa/Casablanca: Casablanca|Marrakesh|Marrakech|Rabat|Morocco; Africa/Dakar: Dakar|Senegal
Africa/Accra: Accra|Ghana; Africa/Abidjan: Abidjan|Ivory Coast; Africa/Lagos: Lagos|Abuja|Nigeria
Africa/Douala: Cameroon|Douala; Africa/Luanda: Luanda|Angola; Africa/Kinshasa: Kinshasa|Congo|DR Congo
Africa/Nairobi: Nairobi|Mombasa|Kenya|EAT; Africa/Addis_Ababa: Addis Ababa|Ethiopia
Africa/Kampala: Kampala|Uganda; Africa/Dar_es_Salaam: Dar es Salaam|Zanzibar|Tanzania
Africa/Kigali: Kigali|Rwanda; Africa/Khartoum: Khartoum|Sudan; Africa/Mogadishu: Mogadishu|Somalia
Africa/Lusaka: Lusaka|Zambia; Africa/Harare: Harare|Zimbabwe; Africa/Gaborone: Botswana|Gaborone
Africa/Windhoek: Windhoek|Namibia; Africa/Maputo: Maputo|Mozambique
Africa/Johannesburg: Johannesburg|Cape Town|Durban|Pretoria|South Africa|SAST
Indian/Antananarivo: Madagascar|Antananarivo; Indian/Mauritius: Mauritius; Indian/Reunion: Reunion
Indian/Mahe: Seychelles; Africa/Bamako: Mali|Bamako
UTC: UTC|GMT|Zulu|Greenwich mean time|coordinated universal time|universal time
"""
_GLUE = re.compile(
    r"^(?:in|at|for|over in|out in|down in)\s+"
    r"|^the (?=city of)|^(?:the )?city of\s+|\s+(?:time|right now|now)$"
)
_HERE = frozenset(
    {"here", "home", "my location", "my city", "my time", "local", "this place", "where i am", "my place"}
)


@dataclass(frozen=True, slots=True)
class Town:
    """A place with its IANA time zone; `capital` is set where that stands for a country of many zones."""

    name: str
    zone: str
    capital: str = ""


def find_zone(place: str) -> Town | None:
    """Return the place that the words name, one slip in a long name forgiven; None where it is unknown."""
    wanted, names = _fold(place), _names()
    while wanted not in names and (shorter := _GLUE.sub("", wanted).strip()) != wanted:
        wanted = shorter
    for candidate in (wanted, wanted.removeprefix("the "), *_before_comma(place)):
        if candidate in names:
            return names[candidate]
    return _typo(wanted) or _database(wanted)


def is_here(place: str) -> bool:
    """Whether the words mean where the person is."""
    return _fold(place) in _HERE


def _before_comma(place: str) -> list[str]:
    """Return what "Paris, France" and "Paris France" may mean by their first part."""
    first, comma, _ = place.partition(",")
    return [_fold(first)] if comma else []


@lru_cache(maxsize=1)
def _names() -> dict[str, Town]:
    table: dict[str, Town] = {}
    for entry in re.split(r"[;\n]", _TABLE):
        zone, _, names = entry.strip().partition(": ")
        for name in filter(None, names.split("|")):
            shown, _, capital = name.partition("*")
            table.setdefault(_fold(shown), Town(shown, zone, capital))
    return table


def _typo(wanted: str) -> Town | None:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if not 5 <= len(wanted) <= 60:
        return None
    near = process.extract(wanted, _names().keys(), scorer=OSA.distance, score_cutoff=1, limit=5)
    towns = {_names()[match[0]].zone: _names()[match[0]] for match in near if len(match[0]) >= 5}
    return next(iter(towns.values())) if len(towns) == 1 else None


def _database(wanted: str) -> Town | None:
    """Look among the zone names themselves: "Europe/Berlin", "Ushuaia"."""
    from zoneinfo import available_timezones

    for zone in sorted(available_timezones()):
        area, slash, _ = zone.partition("/")
        city = _fold(zone.rpartition("/")[2].replace("_", " "))
        if zone.casefold() == wanted.replace(" ", "_") or (slash and area != "Etc" and city == wanted):
            return Town(zone.rpartition("/")[2].replace("_", " "), zone)
    return None


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:200]).casefold()
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w/'+-]+", " ", kept).replace("'", "").split())
