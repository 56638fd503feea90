"""Principal axes of a cloud of points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_EXACT = 1024


def principal_axes(points: NDArray[Any], most: int, seed: int) -> tuple[Floats, Floats]:
    """The middle [columns] of points, and the axes [columns, at most so many] along which they differ most.

    Of more than 1,024 columns the axes are found by random projections, drawn by `seed`. Each points to where its
    largest part is positive, so that the same points have the same axes on any machine.
    """
    columns = points.shape[1]
    wanted = min(most, columns, len(points) - 1)
    middle: Floats = points.mean(0, dtype=np.float64)
    if columns <= _EXACT:
        apart = np.asarray(points, np.float64) - middle
        axes = np.linalg.eigh(apart.T @ apart)[1][:, ::-1][:, :wanted]
    else:
        from sklearn.utils.extmath import randomized_svd

        apart = points - middle.astype(points.dtype)
        axes = randomized_svd(apart, wanted, random_state=seed)[2].T.astype(np.float64)
    largest = axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])]
    return middle, axes * np.where(largest < 0, -1.0, 1.0)
