"""The words of the model: every category an agent, a rule or a ledger line can be in.

Numbers are stored in tables and in studies on disk: never reuse or renumber a member, append.
"""

from enum import IntEnum


class Origin(IntEnum):
    """Country or group of countries a household comes from (ISO codes as UNHCR prints them)."""

    SYR = 0
    YEM = 1
    IRQ = 2
    PSE = 3
    CIV = 4
    CMR = 5
    COD = 6
    CAF = 7
    GIN = 8
    SDN = 9
    SSD = 10
    OTHER_AFRICA = 11
    OTHER = 12


class Region(IntEnum):
    """Group of origins that shares a departure rate."""

    SYRIAN = 0
    YEMENI = 1
    OTHER_MENA = 2
    SUB_SAHARAN = 3


class Status(IntEnum):
    """Standing with UNHCR."""

    ASYLUM_SEEKER = 0
    REFUGEE = 1


class Sex(IntEnum):
    """Sex as registered by UNHCR."""

    MALE = 0
    FEMALE = 1


class Trade(IntEnum):
    """What a business sells, in the programme's own broad classes."""

    FOOD = 0
    RETAIL = 1
    HAIR_AND_BEAUTY = 2
    SEWING_AND_CRAFT = 3
    REPAIR_AND_SERVICES = 4


class Activity(IntEnum):
    """How an adult spends the month."""

    IDLE = 0
    CASUAL_WORK = 1
    OWN_BUSINESS = 2
    TRAINING = 3
    FORMAL_WORK = 4
    COOPERATIVE = 5


class File(IntEnum):
    """Where an adult's file stands at the programme's desk."""

    UNKNOWN = 0
    WAITING = 1
    SELECTED = 2
    SERVED = 3
    CLOSED = 4
    MEMBER = 5


class Ending(IntEnum):
    """How a business ended, or that it is still open."""

    OPEN = 0
    FAILED = 1
    INSOLVENT = 2
    FORCED_CLOSURE = 3
    OWNER_LEFT = 4
    TOOK_JOB = 5
    JOINED_COOPERATIVE = 6
    DISSOLVED = 7


class ForcedReason(IntEnum):
    """Why a business was closed by force."""

    NONE = 0
    SEIZURE = 1
    EVICTION = 2
    EXPIRED_PERMIT = 3
    THEFT = 4


class Departure(IntEnum):
    """Why a household is no longer there. The first two of the causes are durable solutions, not losses."""

    PRESENT = 0
    RESETTLED = 1
    RETURNED = 2
    ONWARD = 3
    FILE_CLOSED = 4


class Track(IntEnum):
    """What an applicant is oriented to at intake."""

    PROJECT = 0
    JOB = 1
    COOPERATIVE = 2


class Training(IntEnum):
    """Where an adult stands with a course in its trade."""

    NOT_NEEDED = 0
    NEEDED = 1
    ATTENDING = 2
    DONE = 3
    DROPPED_OUT = 4


class Standing(IntEnum):
    """Where a cooperative stands: law 112-12 lets it trade once it is registered."""

    FORMING = 0
    REGISTERED = 1
    TOO_FEW = 2
    BROKEN = 3
    CLOSED = 4


class Admission(IntEnum):
    """Whom an incubator takes first."""

    LOT = 0
    NEED = 1
    PROMISE = 2


class Town(IntEnum):
    """Where a further branch can stand, in the order of `calibration/country.toml`; NONE is nowhere."""

    NONE = 0
    RABAT = 1
    CASABLANCA = 2
    KENITRA = 3
    SALE = 4
    MEKNES = 5
    FES = 6
    TANGIER = 7
    NADOR = 8
    OUJDA = 9
    MARRAKECH = 10
    OTHER_TOWNS = 11
    GHARB = 12
    SAISS = 13
    ORIENTAL = 14


class HazardFamily(IntEnum):
    """Shape of the failure hazard over the age of a business."""

    CONSTANT = 0
    WEIBULL = 1
    GOMPERTZ = 2
    LOG_LOGISTIC = 3
    MIXTURE = 4


class SelectionRule(IntEnum):
    """How the committee orders those who wait."""

    AS_BEFORE = 0
    NEED_FIRST = 1
    PROMISE_FIRST = 2
    MIXED = 3
    QUOTA = 4
    EXPECTED_GAIN = 5
    LOTTERY = 6
    FIRST_COME = 7
    UNIVERSAL = 8


class AdviserMode(IntEnum):
    """How advisers share out their hours."""

    UNIFORM = 0
    CASE_BY_CASE = 1


class Account(IntEnum):
    """Accounts of the ledger. Each is kept per funder; every posting moves money between two of them."""

    CONTRIBUTION = 0
    BANK = 1
    GRANT = 2
    REINFORCEMENT = 3
    ADVISER = 4
    BRANCH = 5
    OUTREACH = 6
    OVERHEAD = 7
    TRAINING = 8
    JOB_DESK = 9
    SUBSIDY = 10
    COOPERATIVE = 11
    INCUBATOR = 12
    RURAL = 13
    LINK = 14
    SOCIAL = 15
    HEALTH = 16
    LEGAL = 17


class Funder(IntEnum):
    """Who pays."""

    UNHCR = 0
    MONACO = 1
    STATE = 2
    PRIVATE = 3
    OTHER = 4


ORIGIN_REGION = (0, 1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 2)
"""Region of each origin, in the order of `Origin`."""
