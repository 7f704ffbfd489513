"""Every limit of the kernel in one place, each named with its unit last, so none is forgotten.

A limit exists because input comes from outside: a camera, a neighbour, a network. Changing one
here changes it on every machine of a festival, so treat the formats' limits as part of the format.
"""

from typing import Final

# --- ticket codes (what a QR shows) ---
CODE_PREFIX: Final = "GU1:"
CODE_PAYLOAD_BYTES_MAX: Final = 36
CODE_TEXT_CHARS_MAX: Final = 154
CODE_KEY_ID_MAX: Final = 255
U16_MAX: Final = 0xFFFF
U32_MAX: Final = 0xFFFF_FFFF
U64_MAX: Final = 0xFFFF_FFFF_FFFF_FFFF
ORDINAL_MAX: Final = 0x7FFF_FFFF_FFFF_FFFF

# --- the codec ---
CBOR_DEPTH_LEVELS_MAX: Final = 16
RECORD_BYTES_MAX: Final = 4096
MESSAGE_BYTES_MAX: Final = 1 << 20
MESSAGE_RECORDS_MAX: Final = 500
TAKEN_AT_ONCE_MAX: Final = 500

# --- facts ---
AFTER_IDS_MAX: Final = 4
BODIES_CACHED_MAX: Final = 4_096
ACCOUNTS_CACHED_MAX: Final = 4_096
STATUS_ROWS_MAX: Final = 256
SALE_LINES_MAX: Final = 500
PAYMENTS_MAX: Final = 16
TEXT_CHARS_MAX: Final = 200
GROUP_GUESTS_MAX: Final = 1000
DAY_MINUTES: Final = 24 * 60
PRICE_WINDOWS_MAX: Final = 8
BARS_OF_PRODUCT_MAX: Final = 64
PRODUCTS_OF_VOUCHER_MAX: Final = 64
DENOMINATIONS_MAX: Final = 32

# --- money: far beyond any festival, far below what 64-bit integers hold when summed ---
MONEY_MINOR_MAX: Final = 10**12
QUANTITY_UNITS_MAX: Final = 10**6

# --- clock ---
DRIFT_MS_MAX: Final = 60_000
LOGICAL_TICKS_MAX: Final = U32_MAX
PHYSICAL_MS_MAX: Final = 1 << 48
UNCERTAINTY_MS_MAX: Final = 1 << 40

# --- what may wait, so that a stranger cannot fill a disk ---
WAITING_RECORDS_MAX: Final = 10_000
WAITING_RECORDS_PER_RUN_MAX: Final = 2_000
HEADS_MAX: Final = 5_000
GAPS_ASKED_MAX: Final = 64
OFFERS_MAX: Final = 256
INTEREST_ROLES_MAX: Final = 8
RUNS_ACKNOWLEDGED_MAX: Final = 256
RUNS_TOLD_MAX: Final = 4
RANGES_REMEMBERED_MAX: Final = 64
MESSAGE_MARGIN_BYTES: Final = 4096

# --- what a till asks of the authority ---
ASKED_BYTES_MAX: Final = 512
REPLY_RECORDS_MAX: Final = 8
PART_ASKED_UNITS_MAX: Final = 1_000
QUESTIONS_PER_S_MAX: Final = 20
LEVEL_WITHIN_MS: Final = 10_000
ANSWER_LIFE_MS: Final = 600_000
ANSWERS_OF_TERMINAL_MAX: Final = 1_000
CLAIM_TRIES_MAX: Final = 5
CLAIM_LOCK_MS: Final = 300_000

# --- a snapshot for a terminal that joins late ---
SNAPSHOT_HEAD_BYTES_MAX: Final = 64 * 1024
SNAPSHOT_PARTS_MAX: Final = 1_000
SNAPSHOT_PART_BYTES_MAX: Final = MESSAGE_BYTES_MAX - MESSAGE_MARGIN_BYTES
SNAPSHOT_PART_BYTES_WANTED: Final = 960 * 1024
SNAPSHOT_UNPACKED_BYTES_MAX: Final = 4 << 20
SNAPSHOT_PAGE_BYTES_WANTED: Final = 640 * 1024
SNAPSHOT_PAGE_CELLS_MAX: Final = 4_096
SNAPSHOT_BYTES_MAX: Final = 64 << 20
SNAPSHOT_BEYOND_RECORDS_MAX: Final = 4_096
SNAPSHOT_ASK_BYTES_MAX: Final = 1_024
HISTORY_ROWS_PACKED_MAX: Final = 250
