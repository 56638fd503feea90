"""Frame: one message of a head and parts, and its byte buffers.

A frame owns its bytes. The kernel sends buffers later, from another thread and without copying, so an array that is
written to again would reach the page changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.frames import ArraySpec, FrameHead, FrameMessage
from neuronwidget.stream.protocol.shared import VERSION

DTYPES: dict[str, np.dtype[Any]] = {"u8": np.dtype("u1"), "i32": np.dtype("<i4"), "f32": np.dtype("<f4")}
_NAMES = {dtype: cast("Literal['u8', 'i32', 'f32']", name) for name, dtype in DTYPES.items()}


class Frame:
    r"""A head and parts that can be written as JSON, and named arrays.

    >>> frame = Frame(7, {"site": "mlp.0"}, {"trace": {}}, {"trace.unit": np.array([0.5], np.float32)})
    >>> content, buffers = frame.encode()
    >>> content["arrays"], buffers
    ([{'name': 'trace.unit', 'dtype': 'f32', 'shape': [1]}], [b'\x00\x00\x00?'])
    """

    def __init__(
        self,
        seq: int,
        head: FrameHead,
        parts: Mapping[str, Mapping[str, Any]],
        arrays: Mapping[str, NDArray[Any]],
    ) -> None:
        self.seq = seq
        self.head = head.copy()
        self.parts = dict(parts)
        self.arrays = dict(arrays)

    def encode(self, at_least: int = 0) -> tuple[FrameMessage, list[bytes]]:
        """The message with its list of arrays, and one owned buffer for each; padded to `at_least` bytes in all."""
        arrays = dict(self.arrays)
        missing = at_least - sum(array.nbytes for array in arrays.values())
        if missing > 0:
            arrays["pad"] = np.zeros(missing, np.uint8)
        specs, buffers = encode_arrays(arrays)
        message: FrameMessage = {
            "v": VERSION, "kind": "frame", "seq": self.seq, "head": self.head, "parts": self.parts, "arrays": specs
        }  # fmt: skip
        return message, buffers


def encode_arrays(arrays: Mapping[str, NDArray[Any]]) -> tuple[list[ArraySpec], list[bytes]]:
    """What the header says of named arrays, and an owned buffer for each."""
    specs: list[ArraySpec] = []
    buffers = []
    for name, array in arrays.items():
        dtype = _NAMES.get(array.dtype)
        if dtype is None:
            raise TypeError(f"array {name!r} is {array.dtype}, not one of {', '.join(DTYPES)}")
        specs.append({"name": name, "dtype": dtype, "shape": list(array.shape)})
        buffers.append(array.tobytes())
    return specs, buffers


def decode(content: Mapping[str, Any], buffers: list[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays of an encoded frame, by name."""
    arrays: dict[str, NDArray[Any]] = {}
    for spec, buffer in zip(content["arrays"], buffers, strict=True):
        dtype: np.dtype[Any] = DTYPES[spec["dtype"]]
        arrays[spec["name"]] = np.frombuffer(buffer, dtype).reshape(spec["shape"])
    return arrays
