"""Every limit of a terminal in one place, each named with its unit last."""

from typing import Final

INBOX_JOBS_MAX: Final = 256
LANE_IDLE_MS: Final = 500
COMMAND_LINE_BYTES_MAX: Final = 256 * 1024

# --- the store ---
STORE_CACHE_KIB: Final = 16 * 1024
STORE_BUSY_MS: Final = 5_000
CELLS_CACHED_MAX: Final = 50_000
CELL_BYTES_MAX: Final = 16 << 20
DIRTY_CELLS_MAX: Final = 512
TAIL_FACTS_MAX: Final = 64
RUNS_CACHED_MAX: Final = 10_000
WALKED_AT_START_RECORDS_MAX: Final = 2_000
QUICK_CHECK_BYTES_MAX: Final = 64 << 20
COMPARED_CELLS_SHOWN_MAX: Final = 20

# --- the uplink ---
UPLINK_TIMEOUT_S: Final = 10
UPLINK_QUIET_MS: Final = 2_000
UPLINK_GATHER_MS: Final = 20
UPLINK_RETRY_MS_MIN: Final = 500
UPLINK_RETRY_MS_MAX: Final = 5_000
RETRY_AFTER_S_MAX: Final = 300
ANSWER_MARGIN_MS: Final = 1_000
CLOCK_TRUST_MS_MAX: Final = 24 * 60 * 60 * 1000
CLOCK_DRIFT_PER_MILLION: Final = 100

ALONE_AFTER_MS: Final = 10_000
UNHEARD_MS: Final = 10 * 365 * 24 * 60 * 60 * 1000

# --- gate ---
SESSION_MS_MAX: Final = 10_000
UNDO_MS_MAX: Final = 60_000
VERDICTS_KEPT_MAX: Final = 1_000
CAMERA_IDLE_MS: Final = 10

# --- bar ---
SALES_REMEMBERED_MAX: Final = 1_000
