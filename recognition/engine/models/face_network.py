"""dlib's face ResNet, read from face_recognition_models' file and written as an ONNX graph.

The network (dlib/dnn_face_recognition_ex.cpp, "anet_type"): a 7x7 convolution, a max pool, 14 residual blocks of two
3x3 convolutions each, an average over the picture and a product with 256x128 weights. Each convolution is followed by
an affine layer, which is multiplied into its weights here. A block that halves the picture adds a 2x2 average of its
input, padded with zeros where the two differ in size or channels (dlib's add_prev).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from recognition.engine.models.dlib_format import BadModelFile, DlibReader, layers

Float32 = npt.NDArray[np.float32]

CHIPS, EMBEDDINGS = "chips", "embeddings"
CHIP_PX = 150
EMBEDDING_SIZE = 128
CONVOLUTIONS = 29
OPSET, IR_VERSION = 13, 8

# dlib/dnn/input.h, input_rgb_image_sized: what is subtracted from red, green and blue, and what they are divided by.
MEAN_RGB = (122.782, 117.001, 104.298)
SCALE = 256.0


@dataclass(frozen=True, slots=True)
class Convolution:
    """weights: (filters, channels, rows, columns). bias: (filters,). stride and padding in pixels, both ways alike."""

    weights: Float32
    bias: Float32
    stride: int
    padding: int


def build(content: bytes) -> onnx.ModelProto:
    """The network of dlib_face_recognition_resnet_model_v1.dat.

    Its input "chips" is uint8 (n, 150, 150, 3), blue before green before red; its output "embeddings" float32 (n, 128).
    Raises BadModelFile for any other file.
    """
    convolutions = _convolutions(content)
    graph = _Graph()
    x = graph.add("Transpose", [graph.add("Cast", [CHIPS], to=TensorProto.FLOAT)], perm=[0, 3, 1, 2])
    x = graph.relu(graph.convolve(x, _for_raw_bgr(convolutions[0])))
    x = graph.add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2])
    size_px = _size_after(_size_after(CHIP_PX, 7, 2, 0), 3, 2, 0)
    channels = len(convolutions[0].bias)
    for first, second in zip(convolutions[1::2], convolutions[2::2], strict=True):
        x, size_px = _block(graph, x, size_px, channels, (first, second))
        channels = max(channels, len(second.bias))
    x = graph.add("Flatten", [graph.add("GlobalAveragePool", [x])])
    graph.add("MatMul", [x, graph.constant(_last_weights(content, channels))], output=EMBEDDINGS)
    return graph.model()


def _block(
    graph: "_Graph", x: str, size_px: int, channels: int, pair: tuple[Convolution, Convolution]
) -> tuple[str, int]:
    first, second = pair
    y = graph.convolve(graph.relu(graph.convolve(x, first)), second)
    if first.stride == 1:
        return graph.relu(graph.add("Add", [y, x])), size_px
    y_px = _size_after(_size_after(size_px, 3, 2, first.padding), 3, 1, second.padding)
    x_px = _size_after(size_px, 2, 2, 0)
    both_px, both = max(x_px, y_px), max(channels, len(second.bias))
    pooled = graph.add("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
    y = graph.pad(y, both - len(second.bias), both_px - y_px)
    pooled = graph.pad(pooled, both - channels, both_px - x_px)
    return graph.relu(graph.add("Add", [y, pooled])), both_px


def _size_after(size_px: int, kernel_px: int, stride: int, padding_px: int) -> int:
    return (size_px + 2 * padding_px - kernel_px) // stride + 1


def _convolutions(content: bytes) -> list[Convolution]:
    """In the order in which a photo passes them, each with the affine layer behind it multiplied in."""
    gains = [reader.tensor() for _, reader in layers(content, b"affine_")]
    readers = [reader for _, reader in layers(content, b"con_4")]
    if not len(gains) == len(readers) == CONVOLUTIONS:
        raise BadModelFile(f"{len(readers)} convolutions and {len(gains)} affine layers: expected {CONVOLUTIONS}")
    return list(_read(readers, gains))


def _read(readers: Sequence[DlibReader], gains_of_all: Sequence[Float32]) -> Iterator[Convolution]:
    channels = 3
    for reader, gains in zip(readers, gains_of_all, strict=True):
        values = reader.tensor()
        filters, rows, columns, stride, _, padding, _ = reader.integers(7)
        count = filters * channels * rows * columns
        if values.size != count + filters or gains.size != 2 * filters:
            raise BadModelFile(f"a convolution of {values.size} values: expected {count + filters}")
        gain, shift = gains[:filters], gains[filters:]
        weights = values[:count].reshape(filters, channels, rows, columns) * gain[:, None, None, None]
        yield Convolution(weights, values[count:] * gain + shift, stride, padding)
        channels = filters


def _for_raw_bgr(first: Convolution) -> Convolution:
    """The first convolution for bytes as they are. Exact, as no padding brings zeros in that would want the mean."""
    weights = first.weights / np.float32(SCALE)
    mean = np.array(MEAN_RGB, np.float32)
    bias = first.bias - (weights.sum(axis=(2, 3)) @ mean)
    return Convolution(weights[:, ::-1], bias.astype(np.float32), first.stride, first.padding)


def _last_weights(content: bytes, channels: int) -> Float32:
    for _, reader in layers(content, b"fc_2"):
        reader.integers(2)
        return reader.tensor().reshape(channels, EMBEDDING_SIZE)
    raise BadModelFile("no fully connected layer")


class _Graph:
    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, values: npt.NDArray[np.generic]) -> str:
        name = f"w{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, kind: str, inputs: list[str], output: str = "", **attributes: Any) -> str:
        output = output or f"x{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def convolve(self, x: str, by: Convolution) -> str:
        inputs = [x, self.constant(by.weights), self.constant(by.bias)]
        return self.add(
            "Conv",
            inputs,
            kernel_shape=list(by.weights.shape[2:]),
            strides=[by.stride] * 2,
            pads=[by.padding] * 4,
        )

    def relu(self, x: str) -> str:
        return self.add("Relu", [x])

    def pad(self, x: str, channels: int, pixels: int) -> str:
        """Zeros behind the last channel, and below and right of the picture."""
        if not channels and not pixels:
            return x
        return self.add("Pad", [x, self.constant(np.array([0, 0, 0, 0, 0, channels, pixels, pixels], np.int64))])

    def model(self) -> onnx.ModelProto:
        chips = helper.make_tensor_value_info(CHIPS, TensorProto.UINT8, ["n", CHIP_PX, CHIP_PX, 3])
        embeddings = helper.make_tensor_value_info(EMBEDDINGS, TensorProto.FLOAT, ["n", EMBEDDING_SIZE])
        graph = helper.make_graph(self._nodes, "dlib_face_resnet", [chips], [embeddings], self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model
