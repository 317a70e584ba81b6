#!/usr/bin/env python3
"""Trains the digit classifier of this folder and writes every file in it but the README.

    python3 -m venv VENV && VENV/bin/pip install numpy scikit-learn onnx onnxruntime pillow
    VENV/bin/python models/digits/train.py [--out FOLDER]

The network is small enough to be written out in numpy: forward, backward and Adam stand below. Every random number
comes from one seed; the last bits of the weights still depend on the BLAS that numpy uses.
"""

import os

# One thread, so that sums are taken in one order. Must be set before numpy is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from sklearn.datasets import load_digits

SEED = 2023
CLASSES = 10
SIDE = 8
CHANNELS = (16, 32)
HELD_OUT_SHARE = 0.2
SAMPLES_OF_A_CLASS = 2
EPOCHS = 60
BATCH = 32
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-3


def split(labels, rng):
    """Positions of the training and of the held-out images; each class is held out in proportion."""
    held = []
    for label in range(CLASSES):
        positions = np.flatnonzero(labels == label)
        share = round(HELD_OUT_SHARE * len(positions))
        held.append(rng.permutation(positions)[:share])
    held = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(labels)), held), held


def initial_weights(rng):
    """He initialisation; the shapes are those of ONNX: convolutions OIHW, the dense layer in x out."""
    first, second = CHANNELS
    flat = second * (SIDE // 4) ** 2

    def normal(shape, inputs):
        return (rng.standard_normal(shape) * np.sqrt(2 / inputs)).astype(np.float32)

    return {
        "conv1.weight": normal((first, 1, 3, 3), 9),
        "conv1.bias": np.zeros(first, np.float32),
        "conv2.weight": normal((second, first, 3, 3), 9 * first),
        "conv2.bias": np.zeros(second, np.float32),
        "dense.weight": normal((flat, CLASSES), flat),
        "dense.bias": np.zeros(CLASSES, np.float32),
    }


def patches(x):
    """The 3x3 neighbourhood of every pixel, zeros outside: [n, c, h, w] -> [n, h, w, c * 9]."""
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return np.ascontiguousarray(windows.transpose(0, 2, 3, 1, 4, 5)).reshape(n, h, w, c * 9)


def scatter(columns, c):
    """The adjoint of `patches`: every neighbourhood is added back to where it was taken from."""
    n, h, w, _ = columns.shape
    columns = columns.reshape(n, h, w, c, 3, 3)
    padded = np.zeros((n, c, h + 2, w + 2), np.float32)
    for row in range(3):
        for column in range(3):
            padded[:, :, row : row + h, column : column + w] += columns[..., row, column].transpose(0, 3, 1, 2)
    return padded[:, :, 1:-1, 1:-1]


def convolve(x, weight, bias):
    columns = patches(x)
    return (columns @ weight.reshape(len(weight), -1).T + bias).transpose(0, 3, 1, 2), columns


def convolve_back(slope, columns, weight):
    """Gradients of the input, the weight and the bias."""
    slope = slope.transpose(0, 2, 3, 1)
    flat = slope.reshape(-1, len(weight))
    of_weight = (flat.T @ columns.reshape(len(flat), -1)).reshape(weight.shape)
    return scatter(slope @ weight.reshape(len(weight), -1), weight.shape[1]), of_weight, flat.sum(0)


def pool(x):
    """The largest of each 2x2 block, and where it stood."""
    n, c, h, w = x.shape
    blocks = x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)
    where = blocks.argmax(-1)[..., None]
    return np.take_along_axis(blocks, where, -1)[..., 0], where


def pool_back(slope, where):
    n, c, h, w = slope.shape
    blocks = np.zeros((n, c, h, w, 4), np.float32)
    np.put_along_axis(blocks, where, slope[..., None], -1)
    return blocks.reshape(n, c, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h * 2, w * 2)


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def forward(weights, x):
    """Class probabilities, and what the way back needs."""
    first, columns1 = convolve(x, weights["conv1.weight"], weights["conv1.bias"])
    pooled1, where1 = pool(np.maximum(first, 0))
    second, columns2 = convolve(pooled1, weights["conv2.weight"], weights["conv2.bias"])
    pooled2, where2 = pool(np.maximum(second, 0))
    flat = pooled2.reshape(len(x), -1)
    probabilities = softmax(flat @ weights["dense.weight"] + weights["dense.bias"])
    return probabilities, (first, columns1, where1, second, columns2, where2, flat)


def gradients(weights, x, labels):
    """Slopes of the mean cross-entropy."""
    probabilities, (first, columns1, where1, second, columns2, where2, flat) = forward(weights, x)
    slope = (probabilities - np.eye(CLASSES, dtype=np.float32)[labels]) / len(x)
    found = {"dense.weight": flat.T @ slope, "dense.bias": slope.sum(0)}
    back = (slope @ weights["dense.weight"].T).reshape(len(x), -1, SIDE // 4, SIDE // 4)
    back = pool_back(back, where2) * (second > 0)
    back, found["conv2.weight"], found["conv2.bias"] = convolve_back(back, columns2, weights["conv2.weight"])
    back = pool_back(back, where1) * (first > 0)
    _, found["conv1.weight"], found["conv1.bias"] = convolve_back(back, columns1, weights["conv1.weight"])
    return found


def shifted(x, rng):
    """Each picture moved by up to one pixel in each direction, half of the time."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moves = np.where(rng.random(len(x)) < 0.5, 4, rng.integers(0, 9, len(x)))
    return np.stack([p[:, m // 3 : m // 3 + SIDE, m % 3 : m % 3 + SIDE] for p, m in zip(padded, moves)])


def train(x, labels, rng):
    """Adam with decoupled weight decay; the rate falls along half a cosine."""
    weights = initial_weights(rng)
    mean = {name: np.zeros_like(value) for name, value in weights.items()}
    square = {name: np.zeros_like(value) for name, value in weights.items()}
    steps = EPOCHS * -(-len(x) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            chosen = order[start : start + BATCH]
            step += 1
            rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, slope in gradients(weights, shifted(x[chosen], rng), labels[chosen]).items():
                mean[name] += 0.1 * (slope - mean[name])
                square[name] += 0.001 * (slope**2 - square[name])
                move = (mean[name] / (1 - 0.9**step)) / (np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8)
                decay = WEIGHT_DECAY * weights[name] if name.endswith("weight") else 0
                weights[name] = (weights[name] - rate * (move + decay)).astype(np.float32)
    return weights


def to_onnx(weights):
    conv = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "strides": [1, 1]}
    block = {"kernel_shape": [2, 2], "strides": [2, 2]}
    node = helper.make_node
    nodes = [
        node("Conv", ["image", "conv1.weight", "conv1.bias"], ["conv1.out"], name="conv1", **conv),
        node("Relu", ["conv1.out"], ["relu1.out"], name="relu1"),
        node("MaxPool", ["relu1.out"], ["pool1.out"], name="pool1", **block),
        node("Conv", ["pool1.out", "conv2.weight", "conv2.bias"], ["conv2.out"], name="conv2", **conv),
        node("Relu", ["conv2.out"], ["relu2.out"], name="relu2"),
        node("MaxPool", ["relu2.out"], ["pool2.out"], name="pool2", **block),
        node("Flatten", ["pool2.out"], ["flat.out"], name="flat", axis=1),
        node("Gemm", ["flat.out", "dense.weight", "dense.bias"], ["dense.out"], name="dense"),
        node("Softmax", ["dense.out"], ["probabilities"], name="softmax", axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, CLASSES])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="wasmtube models/digits"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def reference(path, x):
    """What ONNX Runtime answers, image by image."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(["probabilities"], {"image": image[None]})[0] for image in x])


def write_samples(folder, images, labels):
    """The first held-out images of each class as 8x8 grayscale PNG, `INDEX_LABEL.png`; INDEX counts held-out images."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    for label in range(CLASSES):
        for index in np.flatnonzero(labels == label)[:SAMPLES_OF_A_CLASS]:
            pixels = np.round(images[index] * (255 / 16)).astype(np.uint8)
            Image.fromarray(pixels, "L").save(folder / f"{index:03}_{label}.png")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = arguments.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    digits = load_digits()
    images = digits.images.astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    rng = np.random.default_rng(SEED)
    training, held = split(labels, rng)
    x = (images / 16).astype(np.float32)[:, None]

    weights = train(x[training], labels[training], rng)
    onnx.save(to_onnx(weights), out / "digits.onnx")

    answers = reference(out / "digits.onnx", x[held])
    difference = np.abs(answers - forward(weights, x[held])[0]).max()
    assert difference < 1e-5, f"the exported model differs from the trained one by {difference}"
    np.save(out / "heldout-images.npy", images[held])
    np.save(out / "heldout-labels.npy", labels[held])
    np.save(out / "reference.npy", answers)
    (out / "labels.txt").write_text("".join(f"{label}\n" for label in range(CLASSES)))
    write_samples(out / "samples", images[held], labels[held])

    seen = (forward(weights, x[training])[0].argmax(-1) == labels[training]).mean()
    right = (answers.argmax(-1) == labels[held]).sum()
    print(f"training: {len(training)} images, {seen:.2%} right")
    print(f"held out: {len(held)} images, {right} right = {right / len(held):.2%}")
    print(f"parameters: {sum(value.size for value in weights.values())}")


if __name__ == "__main__":
    main()
