"""Names that a reader may not sign with, because others would take them for our staff.

A name is compared by its skeleton: without accents and signs that nobody sees, and with letters that look alike as one.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from unicodedata import category, normalize

from django.conf import settings
from django.db.models import Q

from kb.accounts import roles
from kb.accounts.models import User

# Letters that look like these Latin ones, case folded: from confusables.txt of Unicode Technical Standard 39 (version 15.1),
# of scripts that are written in letters, with small capitals and letters with a stroke added.
LOOK_ALIKES = {
    "a": "ɑαаᎪᗅᴀꓮ𐊠𖽀",
    "b": "ƅʙβвьᏏᏴᑲᖯᗷꓐꞵ𐊂𐊡𐌁",
    "c": "σсᏟᴄⲥꓚ𐊢𐌂𐐽𐔜",
    "d": "ðđɖԁᎠᏧᑯᗞᗪᴅꓒꓓ",
    "e": "əɛεеҽᎬᴇⴹꓰꬲ𐊆𑣆𑣎",
    "f": "ϝքᖴẝꓝꜰꞙꬵ𐊇𐊥𐔥𑣂",
    "g": "ƍɡɢԍցᏀᏳᶃꓖ",
    "h": "ħʜηнһհᎻᏂᕼⲏꓧ𐋏",
    "i": "ıɩɪιіӏᎥꙇ𑣃",
    "j": "ʝϳјᎫᒍᴊꓙ",
    "k": "κкᏦᛕᴋⲕꓗ𐔘",
    "l": "łǀɩɭʟιіӏᏞᒪᛁⲓⳑⵏꓡꓲ𐊊𐌉𐑃𐔦𑣃𑣒𖼖𖼨",
    "m": "μϻмᎷᗰᛖᴍⲙꓟ𐊰𐌑",
    "n": "ŋɲɴνոռⲛꓠ𐔓",
    "o": "øοσоօჿᴏᴑⲟⵔꓳꬽ𐊒𐊫𐐬𐓪𐔖𑣈𑣕𑣗",
    "p": "ρрᏢᑭᴘⲣꓑ𐊕",
    "q": "ԛգզⵕ",
    "r": "ʀгяᎡᎱᏒᖇᴦⲅꓣꭇꭈ𐓜𖼵",
    "s": "ƽѕտᏕᏚꓢꜱ𐊖𐑈𑣁𖼺",
    "t": "ŧτтᎢᴛⲧꓔ𐊗𐊱𐌕𑣜𖼊",
    "u": "ʋυսᑌᴜꓴꞟꭎꭒ𐓶𑣘𖽂",
    "v": "νѵᏙᐯᴠⴸꓦꛟ𐔝𑣀𖼈",
    "w": "ɯѡԝաᎳᏔᴡꓪ",
    "x": "χхᕁᕽᚷⲭⵝꓫꭓ𐊐𐊴𐌗𐔧",
    "y": "ɣʏγυуүყᎩᎽᶌỿⲩꓬꭚ𐊲𑣄𑣜𖽃",
    "z": "ʐζᏃᴢꓜ𑣄𑣉",
}
SYMBOLS = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g"}
SYMBOLS |= {"@": "a", "$": "s", "€": "e", "!": "l", "|": "l", "+": "t"}
FOLDED = {ord(sign): letter for letter, signs in LOOK_ALIKES.items() for sign in signs}
FOLDED |= {ord("i"): "l", **{ord(sign): "l" for sign in LOOK_ALIKES["i"]}}  # I, l and 1 are one
for first, letters in ((0x1F150, 26), (0x1F170, 26), (0x1F1E6, 26)):  # in circles, in boxes, and of flags
    FOLDED |= {first + number: "abcdefghljklmnopqrstuvwxyz"[number] for number in range(letters)}
WITH_SYMBOLS = FOLDED | {ord(sign): letter for sign, letter in SYMBOLS.items()}
WORD = re.compile(r"[^\W_]+")
REPEATED = re.compile(r"(\w)\1+")
UNSEEN = {"Mn", "Me", "Cf", "Cc", "Co", "Cn"}  # kinds of signs that do not show by themselves
FIRST_NAMES = {"staf"}  # of people, and a doubled letter away from a word below

# Each says staff wherever it stands as a word of its own.
STAFF = """
staff staffer support supporter admin admins administrator administrators administration administrative moderator
moderators moderation helpdesk hotline webmaster postmaster hostmaster sysadmin sysop superuser superadmin official
techsupport customerservice customercare customersupport servicedesk supportdesk helpcenter helpcentre mailerdaemon
employee suport
administratorin moderatorin mitarbeiter mitarbeiterin mitarbeitende kundendienst kundenservice kundenbetreuung
kundensupport betreiber offiziell
administrateur administratrice modérateur modératrice serviceclient assistance officiel
administrador administradora moderador moderadora soporte atenciónalcliente oficial
amministratore amministratrice moderatore moderatrice assistenza supporto servizioclienti ufficiale
suporte atendimento assistência
medewerker beheerder klantenservice klantendienst ondersteuning
administratör moderatör kundtjänst kundservice kundeservice medarbejder kundestøtte asiakastuki asiakaspalvelu ylläpito
ylläpitäjä
wsparcie obsługaklienta podpora správce zákaznickápodpora ügyfélszolgálat adminisztrátor moderátor
destek yönetici müşterihizmetleri asistențăclienți dukungan pengelola hỗtrợ quảntrịviên
поддержка техподдержка службаподдержки администратор администрация админ модератор сотрудник саппорт официальный
підтримка адміністратор адмін співробітник поддръжка администрация
υποστήριξη διαχειριστής συντονιστής
תמיכה מנהלהאתר
الدعم دعم الدعمالفني مشرف المشرف الإدارة مديرالموقع
व्यवस्थापक प्रशासक मॉडरेटर
แอดมิน ผู้ดูแล ฝ่ายสนับสนุน
"""
# Scripts that put no spaces between words: wherever they stand.
INSIDE = """
客服 管理员 管理員 官方 工作人员 工作人員 版主 技术支持 技術支援 サポート 管理者 管理人 運営 スタッフ 公式 モデレータ 관리자 운영자 고객센터 고객지원 지원팀
스태프 어드민
"""
# They say staff where the whole name is made of them and of such words as follow.
WHOLE = """
team operator agent agents editor editors root system service services helpteam team equipe équipe equipo equipa squadra
help info owner redaktion moderate mod mods команда команда служба personal personnel
"""
FILLERS = """
our the your of from at by and de del du des der die das le la les el il lo unser unsere notre nostro nuestro nosso onze
desk chat live online center centre client cliente clienti customer kunden tech technical technik it web site email mail
member members person account head lead chief senior junior super co ex real original verified nr no xx
наша наш команда группа служба
"""


def refused(name: str, user=None) -> bool:
    """Whether somebody who is none of us would pass for staff by it. People may use the name of their own account."""
    own = getattr(user, "name_in_public", "") if user is not None and user.is_authenticated else ""
    if own and {_joined(words) for words in _readings(name)} & {_joined(words) for words in _readings(own)}:
        return False
    return says_staff(name) or _is_of_staff(name)


def says_staff(name: str) -> bool:
    return _says_staff(name, *_site_names())


@lru_cache(maxsize=2048)
def _says_staff(name, ours, ours_alone):
    without_digits = _words(re.sub(r"\d", " ", skeleton(name)))
    return any(_do_say_staff(words, ours, ours_alone) for words in (*_readings(name), without_digits))


def _do_say_staff(words, ours, ours_alone):
    joined = _joined(words)
    if any(part in joined for part in _list(INSIDE)):
        return True
    staff, fillers, whole = _list(STAFF), _list(FILLERS), _list(WHOLE)
    added = {word for word in fillers | whole if len(word) > 2}
    if any(_is_made_of(word, staff | ours, added) for word in words):
        return True
    if any(_joined(part) in staff | ours for part in _neighbours(words)):
        return True
    others = fillers if len(words) > 1 else added
    return joined in ours_alone or _is_made_of(joined, staff | ours | ours_alone | whole, others)


def _is_of_staff(name):
    """Whole, in any order, or with something added; one name alone only where it is all that the public knows of them."""
    given = [(_joined(words), {*words}) for words in _readings(name)]
    for full, username in _staff():
        for known in _readings(full):
            for joined, words in given:
                if joined in {_joined(known), _joined(known[::-1])} or (len(known) > 1 and {*known} <= words):
                    return True
        if any(_joined(known) == joined for known in _readings(username) for joined, _ in given):
            return True
    return False


def _staff() -> Iterator[tuple[str, str]]:
    agents = [name for name, role in roles.GROUPS.items() if role >= roles.AGENT]
    people = User.objects.filter(Q(is_superuser=True) | Q(groups__name__in=agents), is_active=True)
    for first, last, username in people.values_list("first_name", "last_name", "username").distinct():
        yield f"{first} {last}", username


def skeleton(text: str, table: dict[int, str] = FOLDED) -> str:
    """The text in letters that look the same."""
    plain = normalize("NFKD", normalize("NFKC", text).casefold()).casefold()
    seen = "".join(sign for sign in plain if category(sign) not in UNSEEN)
    return seen.translate(table).replace("rn", "m").replace("vv", "w")


def _readings(name: str) -> list[tuple[str, ...]]:
    """The words of the name, with digits and symbols as the letters they look like, and as what they are."""
    found = {_words(skeleton(name, WITH_SYMBOLS)), _words(skeleton(name))}
    return [words for words in found if words]


def _words(text):
    """Letters that stand alone one after the other are one word: S.u.p.p.o.r.t."""
    words: list[str] = []
    letters = ""
    for word in [*WORD.findall(text), ""]:
        if len(word) == 1:
            letters += word
            continue
        words += [letters, word]
        letters = ""
    return tuple(f"{word}_" if word in FIRST_NAMES else REPEATED.sub(r"\1", word) for word in words if word)


def _joined(words):
    """In one, each letter once where it is repeated: Suppport."""
    return REPEATED.sub(r"\1", "".join(words))


def _neighbours(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Two or three words that stand beside each other, long enough to be no names of people."""
    for size in (2, 3):
        for at in range(len(words) - size + 1):
            if sum(map(len, words[at : at + size])) > 5:
                yield words[at : at + size]


def _is_made_of(text: str, telling: Iterable[str], others: Iterable[str]) -> bool:
    """Whether the text is a row of these words, one of them telling."""
    ends = {0: False}  # where a row can end so far: whether one of it tells
    for at in range(len(text)):
        if at in ends:
            for words, tells in ((telling, True), (others, False)):
                for word in words:
                    if text.startswith(word, at):
                        for end in (
                            at + len(word),
                            at + len(word) - 1,
                        ):  # the letter that the next begins with, too
                            ends[end] = ends.get(end, False) or tells or ends[at]
    return ends.get(len(text), False)


@lru_cache(maxsize=8)
def _list(words: str) -> frozenset[str]:
    return frozenset(_joined(_words(skeleton(word))) for word in words.split()) - {""}


def _site_names() -> tuple[frozenset[str], frozenset[str]]:
    return _site_names_of(settings.SITE_NAME, settings.PORTAL_NAME, settings.OPERATOR, settings.SUPPORT_EMAIL)


@lru_cache(maxsize=8)
def _site_names_of(site, portal, operator, address):
    """(those that stand in no reader's name, those that are no reader's whole name): an operator may have a family name."""
    always, alone = [site, portal], [address.partition("@")[0], address]
    (always if len(operator.split()) > 1 else alone).append(operator)
    joined = [
        frozenset(_joined(_words(skeleton(name))) for name in names if len(name.strip()) > 2)
        for names in (always, alone)
    ]
    return joined[0] - {""}, joined[1] - {""}
