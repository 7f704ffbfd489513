"""Every limit of the office in one place, each named with its unit last."""

from typing import Final

# --- the store ---
QUICK_CHECK_BYTES_MAX: Final = 256 << 20
STORE_BUSY_MS: Final = 5_000
STORE_CACHE_KIB: Final = 64 * 1024
CELLS_CACHED_MAX: Final = 100_000
CELL_BYTES_MAX: Final = 16 << 20
RECORDS_WALKED_MAX: Final = 20_000

# --- the writer ---
INBOX_JOBS_MAX: Final = 64
GATHERED_JOBS_MAX: Final = 16
RETRY_AFTER_S: Final = 1

# --- requests ---
ADMIN_BYTES_MAX: Final = 1 << 20
STATEMENTS_MAX: Final = 2_000
NAMES_TOLD_MAX: Final = 10
MESSAGE_READ_S_MAX: Final = 60
DRAIN_S: Final = 5.0
ADDRESS_WAIT_S: Final = 10
ADMIN_TIMEOUT_S: Final = 60

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

# --- tickets ---
TICKETS_ISSUED_MAX: Final = 10_000
TICKETS_CHANGED_MAX: Final = 1_000
TICKETS_PRINTED_MAX: Final = 200
TICKETS_LOOKED_AT_MAX: Final = 5_000
TICKETS_OF_LINK_MAX: Final = 100
TICKET_LINK_DAYS_MAX: Final = 400
EXTERNAL_CODE_CHARS_MAX: Final = 200
IMPORT_BYTES_MAX: Final = 8 << 20
IMPORT_ROWS_MAX: Final = 20_000
IMPORT_COLUMNS_MAX: Final = 100
IMPORT_CELL_CHARS_MAX: Final = 500
IMPORT_ROWS_SHOWN: Final = 10

# --- orders and what is done once ---
IDEMPOTENCY_KEY_CHARS_MAX: Final = 255
ANSWERS_OF_PRINCIPAL_MAX: Final = 100_000
ANSWERS_FORGOTTEN_MAX: Final = 2_000
ANSWER_KEPT_MS: Final = 48 * 3_600_000
