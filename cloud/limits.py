"""Every limit of the office in one place, each named with its unit last."""

from typing import Final

# --- the store ---
QUICK_CHECK_BYTES_MAX: Final = 256 << 20
STORE_BUSY_MS: Final = 5_000
STORE_CACHE_KIB: Final = 64 * 1024
CELLS_CACHED_MAX: Final = 100_000
CELLS_OF_RANGE_MAX: Final = 64
RANGES_CACHED_MAX: Final = 20_000
CELL_BYTES_MAX: Final = 16 << 20
RECORDS_WALKED_MAX: Final = 20_000
ROWS_AT_ONCE_MAX: Final = 2_000
NAMES_ASKED_MAX: Final = 512

# --- PostgreSQL ---
LINE_OPEN_S_MAX: Final = 10
LINE_ANSWER_S_MAX: Final = 60
LINES_MAX: Final = 16
LINE_WAIT_S_MAX: Final = 10
LINES_IDLE_MAX: Final = 4
STATEMENTS_PREPARED_MAX: Final = 1_000
ROWS_SENT_MAX: Final = 2_000
ROWS_SEEN_MAX: Final = 10_000
CONTENDED_TRIES_MAX: Final = 3
CELLS_TOLD_MAX: Final = 1_000
CHANGES_KEPT_MAX: Final = 1_024
CHANGES_FORGOTTEN_EVERY: Final = 64
WATCH_PING_S: Final = 15
WATCH_AGAIN_S: Final = 1
WATCH_READY_S_MAX: Final = 15

# --- the writer ---
INBOX_JOBS_MAX: Final = 1_024
GATHERED_JOBS_MAX: Final = 16
RETRY_AFTER_S: Final = 1

# --- requests ---
ADMIN_BYTES_MAX: Final = 1 << 20
STATEMENTS_MAX: Final = 2_000
NAMES_TOLD_MAX: Final = 10
MESSAGE_READ_S_MAX: Final = 60
EXCHANGES_AT_WORK_MAX: Final = 64
DRAIN_S: Final = 5.0
THREADS_SWITCH_S: Final = 0.0005
GARBAGE_OBJECTS_MAX: Final = 50_000
VERIFIED_BESIDE_MIN: Final = 32
VERIFIED_AT_ONCE: Final = 16
VERIFIER_PIPE_BYTES: Final = 1 << 20
VERIFIER_END_S: Final = 2.0
ADDRESS_WAIT_S: Final = 10
ADMIN_TIMEOUT_S: Final = 60

# --- the API ---
API_BODY_BYTES_MAX: Final = 64 * 1024
FAULTS_TOLD_MAX: Final = 20
PAGE_ITEMS_DEFAULT: Final = 100
PAGE_ITEMS_MAX: Final = 500
REQUESTS_PER_S_OF_ADDRESS_MAX: Final = 50
REQUESTS_AT_ONCE_OF_ADDRESS_MAX: Final = 200
REQUESTS_PER_S_OF_PRINCIPAL_MAX: Final = 1_000
REQUESTS_AT_ONCE_OF_PRINCIPAL_MAX: Final = 2_000
PACES_KEPT_MAX: Final = 20_000
FESTIVALS_OPEN_MAX: Final = 500
NEW_FESTIVALS_EVERY_S: Final = 0.5

# --- festivals and their catalogue ---
FESTIVALS_OF_ORGANISER_MAX: Final = 50
DETAIL_VERSIONS_MAX: Final = 100
DESCRIPTION_CHARS_MAX: Final = 4_000
PER_ORDER_TICKETS_MAX: Final = 1_000
PINS_AT_ONCE_MAX: Final = 1

# --- lending ---
REVOKED_RUNS_IN_FACT_MAX: Final = 64

# --- the live page ---
LIVE_PAGES_MAX: Final = 50
LIVE_EVERY_MS: Final = 1_000
LIVE_REST_TIMES: Final = 10
CONFLICTS_SHOWN_MAX: Final = 100
LATE_AFTER_S: Final = 60
SILENT_AFTER_S: Final = 600
PAGE_REFRESH_S: Final = 10

# --- what tills ask of the authority ---
ASKED_READ_S_MAX: Final = 5
CLAIMS_AT_ONCE_MAX: Final = 1

# --- snapshots for terminals that join late ---
SNAPSHOT_FACTS_MIN: Final = 20_000
SNAPSHOT_GROWTH_FACTS_MIN: Final = 2_000
SNAPSHOT_EVERY_S: Final = 300
SNAPSHOT_REST_TIMES: Final = 4

# --- shifts ---
SHIFTS_SHOWN_MAX: Final = 2_000
RUNS_OF_SHIFT_MAX: Final = 1_000
RECORDS_OF_SHIFT_MAX: Final = 50_000

# --- accounts: passwords ---
# RFC 9106 asks for as much memory as can be spared, then for passes until it takes as long as may
# be: 64 MiB and 2 passes take 0.12 s on the slowest machine that an office was tried on.
PASSWORD_MEMORY_KIB: Final = 64 * 1024
PASSWORD_PASSES: Final = 2
PASSWORD_LANES: Final = 1  # more would take processors from the writer
PASSWORDS_AT_ONCE_MAX: Final = 2  # so at most 128 MiB, and one of two processors stays free
PASSWORDS_WAITING_MAX: Final = 40  # the last of them waits about 2.5 s
PASSWORD_CHARS_MIN: Final = 10
PASSWORD_CHARS_MAX: Final = 200
EMAIL_CHARS_MAX: Final = 254  # RFC 5321
NAME_CHARS_MAX: Final = 80  # of a person or an organiser

# --- accounts: wrong tries at signing in ---
TRIES_OF_ACCOUNT_FREE: Final = 5
TRIES_OF_ADDRESS_FREE: Final = 30  # a festival's whole staff may come from one address
TRIES_WAIT_FIRST_S: Final = 1  # doubled with each further try
TRIES_OF_ACCOUNT_WAIT_S_MAX: Final = 900
TRIES_OF_ADDRESS_WAIT_S_MAX: Final = 60
TRY_OF_ADDRESS_FORGIVEN_EVERY_S: Final = 10  # a network of many guests mistypes all the time
TRIES_FORGOTTEN_AFTER_S: Final = 3_600

# --- accounts: how long credentials live ---
ACCESS_JWT_S: Final = 900
CLOCK_LEEWAY_S: Final = 5  # between the clocks of several office processes
API_SESSION_IDLE_DAYS: Final = 30
API_SESSION_DAYS_MAX: Final = 90
PAGE_SESSION_H: Final = 12
REFRESH_REPEATED_S_MAX: Final = 60
SESSIONS_OF_USER_MAX: Final = 50
INVITATION_DAYS: Final = 7
SUPERADMIN_LINK_H: Final = 24

# --- accounts: how many ---
CREDENTIAL_CHARS_MAX: Final = 4_096
CREDENTIALS_CACHED_MAX: Final = 10_000
CREDENTIAL_CACHED_MS: Final = 5_000
GENERATION_READ_EVERY_MS: Final = 500  # a revocation is seen by other processes within a second
KEY_USED_NOTED_EVERY_MS: Final = 600_000
ORGANISERS_OF_USER_MAX: Final = 50
MEMBERS_MAX: Final = 2_000
INVITATIONS_MAX: Final = 1_000
KEYS_MAX: Final = 100
CLIENTS_MAX: Final = 100
FESTIVALS_NAMED_MAX: Final = 100  # they stand in the JWT, and headers are short

# --- tickets ---
TICKETS_ISSUED_MAX: Final = 10_000
CODES_GIVEN_MAX: Final = 10_000
TICKETS_CHANGED_MAX: Final = 1_000
TICKETS_PRINTED_MAX: Final = 200
TICKETS_LOOKED_AT_MAX: Final = 5_000
TICKETS_OF_LINK_MAX: Final = 100
TICKET_LINK_DAYS_MAX: Final = 400
EXTERNAL_CODE_CHARS_MAX: Final = 200
IMPORT_BYTES_MAX: Final = 8 << 20
IMPORT_ROWS_MAX: Final = 20_000
IMPORT_LINES_MAX: Final = 1 << 20  # with those that are empty: a spreadsheet has no more
IMPORT_COLUMNS_MAX: Final = 100
IMPORT_CELL_CHARS_MAX: Final = 500
IMPORT_ROWS_SHOWN: Final = 10

# --- orders and what is done once ---
IDEMPOTENCY_KEY_CHARS_MAX: Final = 255
ANSWERS_OF_PRINCIPAL_MAX: Final = 100_000
ANSWERS_FORGOTTEN_MAX: Final = 2_000
ANSWER_KEPT_MS: Final = 48 * 3_600_000
PAYMENT_REFERENCE_CHARS_MAX: Final = 40
PAID_LINES_MAX: Final = 20
PAID_QUANTITY_MAX: Final = 1_000
SILENT_TILLS_KNOWN_MS: Final = 500
RESERVED_MS: Final = 15 * 60_000
ORDER_LINES_MAX: Final = 20
TICKETS_OF_ORDER_MAX: Final = 100
OPEN_ORDERS_OF_BUYER_MAX: Final = 5
EXPIRED_AT_ONCE_MAX: Final = 200
EXPIRE_EVERY_S: Final = 30
WALLET_RECORDS_WALKED_MAX: Final = 200_000
WALLET_MOVES_SHOWN_MAX: Final = 200

# --- online scans ---
SCANNED_CHARS_MAX: Final = 8_000
SCAN_ANSWER_KEPT_MS: Final = 5 * 60_000
SCANS_EXAMINED_MAX: Final = 2_000
ONLINE_GATES_MAX: Final = 1_000
