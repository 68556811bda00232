"""YuNet, rewritten so that it gives the same numbers sooner.

YuNet (https://doi.org/10.1007/s11633-023-1423-y) has four heads on each of three feature maps. Each head is a 1x1 and
a depthwise 3x3 convolution with few channels, which a processor's vectors are too wide for; here the four are one,
with 16 channels. What it says is left as it comes: the sigmoid, and the way to boxes, are worked out for the few
places that matter (`recognition.engine.detection`).
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from recognition.engine.models.dlib_format import BadModelFile

PICTURE = "picture"
STRIDES = (8, 16, 32)
HEADS = ("cls", "obj", "bbox", "kps")  # 1, 1, 4 and 10 channels, in the order in which they are merged
OUTPUTS = tuple(f"heads_{stride}" for stride in STRIDES)
CHANNELS = 16
IR_VERSION = 8


def build(content: bytes) -> onnx.ModelProto:
    """The network of face_detection_yunet_2023mar.onnx.

    Its input "picture" is uint8 (1, 3, height, width), the planes blue, green and red, both sides multiples of 32. Its
    outputs "heads_8", "heads_16" and "heads_32" are float32 (1, 16, height / stride, width / stride): for each place
    the logits that it is a face and that there is an object, four numbers for the box and ten for the landmarks.
    Raises BadModelFile for any other file.
    """
    original = onnx.load_model_from_string(content).graph
    weights = {one.name: numpy_helper.to_array(one) for one in original.initializer}
    try:
        nodes = [*_input(original.input[0].name), *_trunk(original)]
        constants = []
        for level, output in enumerate(OUTPUTS):
            head_nodes, head_constants = _merged_heads(original, weights, level, output)
            nodes += head_nodes
            constants += head_constants
    except (KeyError, StopIteration):
        raise BadModelFile("not the YuNet that is known") from None
    used = {name for node in nodes for name in node.input}
    constants += [one for one in original.initializer if one.name in used]
    graph = helper.make_graph(nodes, "yunet", [_picture()], [_heads(name) for name in OUTPUTS], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def _picture() -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(PICTURE, TensorProto.UINT8, [1, 3, "height", "width"])


def _heads(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, CHANNELS, None, None])


def _input(name: str) -> Iterator[onnx.NodeProto]:
    yield helper.make_node("Cast", [PICTURE], [name], to=TensorProto.FLOAT)


def _trunk(original: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Everything before the heads."""
    first_head = next(index for index, node in enumerate(original.node) if _weights_name("cls", 0, 1) in node.input)
    return list(original.node[:first_head])


def _merged_heads(
    original: onnx.GraphProto,
    weights: dict[str, "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"],
    level: int,
    output: str,
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    feature_map = next(node.input[0] for node in original.node if _weights_name("cls", level, 1) in node.input)
    constants = []
    for step in (1, 2):
        for part in ("weight", "bias"):
            merged = np.concatenate([weights[_weights_name(head, level, step, part)] for head in HEADS])
            constants.append(numpy_helper.from_array(merged, f"{output}.conv{step}.{part}"))
    between = f"{output}.between"
    return [
        helper.make_node("Conv", [feature_map, *_names(output, 1)], [between], kernel_shape=[1, 1]),
        helper.make_node(
            "Conv",
            [between, *_names(output, 2)],
            [output],
            kernel_shape=[3, 3],
            pads=[1, 1, 1, 1],
            group=CHANNELS,
        ),
    ], constants


def _names(output: str, step: int) -> tuple[str, str]:
    return f"{output}.conv{step}.weight", f"{output}.conv{step}.bias"


def _weights_name(head: str, level: int, step: int, part: str = "weight") -> str:
    return f"bbox_head.multi_level_{head}.{level}.conv{step}.{part}"
