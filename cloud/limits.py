"""Every limit of the office in one place, each named with its unit last."""

from typing import Final

# --- the store ---
QUICK_CHECK_BYTES_MAX: Final = 256 << 20
STORE_BUSY_MS: Final = 5_000
STORE_CACHE_KIB: Final = 64 * 1024
CELLS_CACHED_MAX: Final = 100_000
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
CONTENDED_TRIES_MAX: Final = 3
CELLS_TOLD_MAX: Final = 1_000
CHANGES_KEPT_MAX: Final = 1_024
CHANGES_FORGOTTEN_EVERY: Final = 64
WATCH_PING_S: Final = 15
WATCH_AGAIN_S: Final = 1
WATCH_READY_S_MAX: Final = 15

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
