"""Everybody who has an account in the practice world: one table, with the ids that each site gives them.

All people are invented. Those with a `client_ref` stand on the sample roster (roster/sample.csv) under that
reference, with the same handles; tests/practice/test_people.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anyascii import anyascii


@dataclass(frozen=True, slots=True)
class Person:
    """One inhabitant of the practice world; `number` is small and unique, the sites' ids are drawn from it.

    `accounts` holds handles and ids that are not what would be drawn, by the name of the property.
    """

    number: int
    name: str
    about: str
    client_ref: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def given(self) -> str:
        """The given name."""
        return self.name.split(" ", 1)[0]

    @property
    def family(self) -> str:
        """The family name."""
        return self.name.split(" ", 1)[1]

    def joined(self, glue: str) -> str:
        """Give the name in plain lower-case letters with `glue` between its words, as handles are made."""
        plain = anyascii(self.name).lower().replace("'", "").replace("-", " ")
        return glue.join(plain.split())

    @property
    def facebook_id(self) -> str:
        """A profile number of Facebook's length."""
        return self.accounts.get("facebook_id", f"1000123{self.number:08d}")

    @property
    def facebook(self) -> str:
        """The last part of the profile's address on Facebook."""
        return self.accounts.get("facebook", self.joined("."))

    @property
    def instagram_id(self) -> str:
        """A user's `pk` on Instagram."""
        return f"88442{self.number:05d}"

    @property
    def instagram(self) -> str:
        """The user name on Instagram."""
        return self.accounts.get("instagram", self.joined("."))

    @property
    def linkedin_id(self) -> str:
        """A profile's id in LinkedIn's URNs: `ACo` and 36 more characters."""
        return f"ACoAAB{self.number:04d}gBHJqxAaVOpracticePracticeAAA"

    @property
    def linkedin_member(self) -> str:
        """The member number beside it."""
        return f"49312{self.number:04d}"

    @property
    def linkedin(self) -> str:
        """The public identifier in the address of a LinkedIn profile."""
        return self.accounts.get("linkedin", f"{self.joined('-')}-8a31b{self.number}")

    @property
    def linkedin_invitation(self) -> str:
        """The number of the invitation that this person has sent."""
        return f"73022222222222{self.number:05d}"

    @property
    def x_id(self) -> str:
        """A user's `rest_id` on X."""
        return f"15839204710293{self.number:05d}"

    @property
    def x(self) -> str:
        """The screen name on X, 15 characters at most."""
        return self.accounts.get("x", self.joined("_")[:15])

    @property
    def yelp_id(self) -> str:
        """A user's encoded id on Yelp: 22 characters."""
        return f"PracticeYelpUser{self.number:06d}"

    @property
    def google_id(self) -> str:
        """A contributor's number on Google Maps: 21 digits."""
        return f"1000000000000000{self.number:05d}"

    @property
    def post(self) -> str:
        """The number of the one post that this person has on every site."""
        return f"1220998877665{self.number:05d}"


MARGIT = Person(
    1,
    "Margit Ollander",
    "Ceramics, long walks, two cats.",
    "C-1001",
    {
        "facebook": "margit.ollander",
        "facebook_id": "100087654321001",
        "instagram": "margit.ollander",
        "linkedin": "margit-ollander-0a1b2c",
        "x": "margit_o",
    },
)
"""The client with whom most scenes are played."""

TOBIN = Person(2, "Tobin Ashgrove-Lund", "Cycles to work in any weather.", "C-1002", {"x": "tobin_al"})
SIOBHAN = Person(
    3,
    "Siobhán Ó Dálaighsen",
    "Sings in a choir.",
    "C-1003",
    {"linkedin": "siobhán-ó-dálaighsen-5b2", "x": "siobhan_odal"},
)
PERPETUA = Person(4, "Perpetua Lindqvarn", "Translates novels.", "C-1005", {"facebook": "perpetua.lindqvarn"})
MARY_JANE = Person(5, "Mary Jane O'Vexley", "Repairs bicycles.", "C-1011", {"x": "mj_vexley"})
ODALYS = Person(51, "Odalys Ferncombe", "Runs a bakery on the corner.")
JORUNN = Person(52, "Jorunn Halvorsdal", "Teaches physics; plays the cello.")
OSSIAN = Person(53, "Ossian Kerrigold", "Plants trees for the city.")
ANSELM = Person(
    61, "Anselm Whitlock", "Clinical counsellor, a colleague of yours.", None, {"linkedin": "anselm-whitlock-rcc"}
)

PEOPLE = (MARGIT, TOBIN, SIOBHAN, PERPETUA, MARY_JANE, ODALYS, JORUNN, OSSIAN, ANSELM)
"""Who lives in the practice world."""

ASKING = (MARGIT, ODALYS, TOBIN)
"""Who has asked to be your friend, contact or follower."""

CLINIC = "Quiet Harbour Psychotherapy"
"""The practice clinic, which has a page on every site (rules.yaml names its accounts)."""

_SHORTEST = 3


def find(site: str, value: str) -> Person | None:
    """Find who has the handle or id `value` on `site`: `facebook`, `instagram`, `linkedin`, `x`, `yelp`, `google`."""
    wanted = value.lower()
    for person in PEOPLE:
        known = (getattr(person, site, None), getattr(person, f"{site}_id"))
        if any(one is not None and one.lower() == wanted for one in known):
            return person
    return None


def search(text: str) -> tuple[Person, ...]:
    """Give the people of whose name a word begins with a word of `text` (three letters at least)."""
    words = [word for word in anyascii(text).lower().replace('"', " ").split() if len(word) >= _SHORTEST]
    return tuple(
        person
        for person in PEOPLE
        if any(part.startswith(word) for word in words for part in person.joined(" ").split())
    )
