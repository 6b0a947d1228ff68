"""
The columns of the feature matrix: 14 integers per record, made by the parsers and read by keys and comparison.

A record is one row of int64, so that comparing two records touches two stretches of memory. 0 means unknown everywhere.
"""

PHONE = 0  # digits of a mobile; a masked one is -(first three * 10000 + last four); foreign numbers are hashed
CARD = 1  # hash of the card; of a masked one 0
CARD_CODE = 2  # last twelve signs in base 36, for near misses; a masked card is -(its last four) - 1
OPENID = 3
UNIONID = 4
EMAIL = 5
MAILBOX = 6  # hash of what stands before the @
PLACE = 7  # hash of street and house number
UNIT = 8  # hash of estate, building and room
NAME = 9  # packed, see below
CHARS = 10  # hash of the characters of a name
FACTS = 11  # packed: birthday, lunar mark, gender, phone holders, name frequency, verified
APP = 12  # high half: first letters of the openid; low half: hash of the street
STORE = 13
WIDTH = 14

# NAME: surname 18 bits (two sounds of 9), given sounds 9 + 9, kind 4
SURNAME_SHIFT, FIRST_SHIFT, SECOND_SHIFT, KIND_SHIFT = 0, 18, 27, 36
SURNAME_MASK, SOUND_MASK, KIND_MASK = (1 << 18) - 1, (1 << 9) - 1, 15

NO_NAME, FULL, SURNAME_ONLY, MASKED, SPELLED, GIVEN_ONLY, NICKNAME = range(7)
ANY_SOUND = 511  # a masked sign

# FACTS: birthday 27 bits (year * 10000 + month * 100 + day, parts 0 when unknown), lunar 1, gender 2, holders 4, frequency 2,
# verified 1, records of the very same name 2 (1: two, 2: three, 3: a few, 0: one or more),
# who else holds the phone 16: records, different names, records with a whole name, records with this very name, 4 each
LUNAR_SHIFT, GENDER_SHIFT, HOLDERS_SHIFT, FREQUENCY_SHIFT, VERIFIED_SHIFT, NAMESAKES_SHIFT, STANDING_SHIFT = (
    27,
    28,
    30,
    34,
    36,
    37,
    39,
)
BIRTHDAY_MASK = (1 << 27) - 1
