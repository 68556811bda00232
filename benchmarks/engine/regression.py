"""What one more costs."""

from collections.abc import Sequence

import numpy as np


def slope(x: Sequence[float], y: Sequence[float]) -> float:
    """Of the straight line that lies nearest (least squares). Raises ValueError if all x are equal."""
    across = np.asarray(x, np.float64) - np.mean(x)
    spread = float(across @ across)
    if spread == 0:
        raise ValueError("a slope needs two different places")
    return float(across @ np.asarray(y, np.float64)) / spread
