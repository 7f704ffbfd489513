"""A frame as a picture of few cells, for a text screen: quick, small, good enough to aim by."""

from typing import Any

import numpy as np


def thumbnail(image: Any, columns: int, rows: int) -> tuple[bytes, ...]:
    """Return `rows` rows of `columns` RGB pixels (3 bytes each) of a frame, mirrored.

    The frame is height × width (grey) or height × width × 3 (BGR) bytes. Every cell is one pixel
    of the frame: no filter, since nobody reads a code from it. Mirrored, as people aim in a mirror.
    """
    height, width = image.shape[:2]
    down = np.arange(rows) * height // rows + height // (2 * rows)
    along = np.arange(columns) * width // columns + width // (2 * columns)
    cells = image[down][:, along[::-1]]
    grey_dimensions = 2
    rgb = (
        np.repeat(cells[:, :, None], 3, axis=2)
        if cells.ndim == grey_dimensions
        else cells[..., ::-1]
    )
    return tuple(row.tobytes() for row in np.ascontiguousarray(rgb, dtype=np.uint8))
