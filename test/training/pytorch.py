"""What PyTorch says: values and gradients of each operator, and the losses of the first steps of whole trainings.

`node test/training/make.ts python3` asks it, and writes what it says into `pytorch.json`.

Inputs are a formula and not a file: `drawn` here and in `drawn.ts` give the same floats.
"""
import json
import math
import sys

import torch
import torch.nn.functional as F

STEPS = 20


def drawn(salt, count, least=-1.5, most=1.5):
    bits = [((i + 1) * 2654435761 + salt * 40503 + 12345) % 2**32 for i in range(count)]
    mixed = [((b ^ (b >> 15)) * 2246822519) % 2**32 for b in bits]
    return [least + (most - least) * (m / 2**32) for m in mixed]


def tensor(salt, shape, least=-1.5, most=1.5):
    return torch.tensor(drawn(salt, math.prod(shape), least, most), dtype=torch.float32).reshape(shape)


def wholes(numbers, shape=None):
    indexes = torch.tensor(numbers, dtype=torch.int64)
    return indexes if shape is None else indexes.reshape(shape)


def gemm(trans_a, trans_b):
    return lambda a, b, c: (a.T if trans_a else a) @ (b.T if trans_b else b) + c


def product_of_parts(x):
    a, b, _ = torch.split(x, [2, 3, 1], 1)
    return a.sum(1, keepdim=True) * b


LIKELIHOOD_LABELS = [1, 5, 0, 1]

CASES = {
    "Add": lambda a, b: a + b,
    "Add of one value twice": lambda a: a + a,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Mul, both grow": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Neg": lambda x: -x,
    "Abs": torch.abs,
    "Sign": lambda x: torch.sign(x) * x,
    "Round": lambda x: torch.round(x) * x,
    "Clip": lambda x: torch.clamp(x, -0.5, 0.75),
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Tanh": torch.tanh,
    "Erf": torch.erf,
    "Sigmoid": torch.sigmoid,
    "Relu": torch.relu,
    "Gelu": F.gelu,
    "Softmax": lambda x: torch.softmax(x, -1),
    "LogSoftmax": lambda x: torch.log_softmax(x, -1),
    "MatMul": torch.matmul,
    "MatMul of many": torch.matmul,
    "MatMul of many by one": torch.matmul,
    "Gemm": gemm(False, False),
    "Gemm, b transposed": gemm(False, True),
    "Gemm, a transposed": gemm(True, False),
    "Gemm, a transposed, b transposed": gemm(True, True),
    "Gemm alone": torch.matmul,
    "linear": lambda x, w, c: F.linear(x, w.T, c),
    "Transpose": lambda x: x.permute(2, 0, 1),
    "transposed": lambda x: x.transpose(-1, -2),
    "Reshape": lambda x: x.reshape(3, 4),
    "Expand": lambda x: x.expand(2, 3, 4),
    "ReduceSum": lambda x: x.sum((0, -1), keepdim=True),
    "ReduceMean": lambda x: x.mean(1, keepdim=True),
    "sum": torch.sum,
    "mean": torch.mean,
    "LayerNormalization": lambda x, scale, shift: F.layer_norm(x, (8,), scale, shift),
    "Gather": lambda table: F.embedding(wholes([0, 2, 2, 4]), table),
    "Gather of a square": lambda table: F.embedding(wholes([3, 0, 1, 3, 3, 1], (2, 3)), table),
    "GatherElements": lambda x: torch.gather(x, -1, wholes([0, 3, 1, 1, 2, 0], (3, 2))),
    "GatherElements of columns": lambda x: torch.gather(x, 0, wholes([0, 2, 1, 1, 2, 2, 0, 2], (2, 4))),
    "ScatterElements": lambda x, updates: x.scatter_add(-1, wholes([1, 1, 3, 0], (2, 2)), updates),
    "scatterRows": lambda rows: torch.zeros(5, 3).index_add(0, wholes([1, 4, 1, 0]), rows),
    "Split": product_of_parts,
    "Concat": lambda a, b: torch.cat([a, b], 1),
    "LogLikelihood": lambda x: -F.cross_entropy(x, wholes(LIKELIHOOD_LABELS), reduction="none"),
    "crossEntropy": lambda x: F.cross_entropy(x, wholes(LIKELIHOOD_LABELS)),
    "Stop": lambda x: x.detach() - x.detach() + x,
}


def gradients_of(name, shapes, span):
    inputs = [tensor(at, shape, *span).requires_grad_() for at, shape in enumerate(shapes)]
    made = CASES[name](*inputs)
    weights = tensor(100, tuple(made.shape), 0.5, 1.5)
    (made * weights).sum().backward()
    return {"made": made.flatten().tolist(), "gradients": [x.grad.flatten().tolist() for x in inputs]}


def parameters(shapes):
    """Weights from the formula, matrices within ±1/√inputs, in the order of the shapes."""
    made = {}
    for salt, (name, shape) in enumerate(shapes.items()):
        bound = 1 / math.sqrt(shape[-1] if len(shape) > 1 else 16)
        values = tensor(salt, shape, -bound, bound)
        if name.endswith("norm.weight"):
            values = values + 1
        made[name] = values.clone().requires_grad_()
    return made


def optimizer_of(settings, weights):
    if settings["kind"] == "sgd":
        return torch.optim.SGD(
            weights, settings["rate"], momentum=settings["momentum"], weight_decay=settings["decay"]
        )
    betas = (settings["first"], settings["second"])
    return torch.optim.AdamW(
        weights, settings["rate"], betas=betas, eps=settings["epsilon"], weight_decay=settings["decay"]
    )


def train(weights, settings, batches, loss_of):
    """Grokfast as its authors' `gradfilter_ema` does it, after clipping."""
    optimizer, losses, norms, slow = optimizer_of(settings, weights.values()), [], [], {}
    for step in range(STEPS):
        optimizer.zero_grad()
        total = 0.0
        for part in range(batches):
            loss = loss_of(weights, step * batches + part) / batches
            loss.backward()
            total += loss.item()
        most = settings["clipNorm"] if settings["clipNorm"] is not None else math.inf
        norms.append(torch.nn.utils.clip_grad_norm_(weights.values(), most).item())
        if settings["grokfast"] is not None:
            memory, louder = settings["grokfast"]["memory"], settings["grokfast"]["louder"]
            for name, weight in weights.items():
                slow[name] = slow.get(name, 0) * memory + weight.grad * (1 - memory)
                weight.grad = weight.grad + slow[name] * louder
        optimizer.step()
        losses.append(total)
    return {"losses": losses, "norms": norms}


def perceptron_loss(sizes, batch):
    def loss_of(weights, at):
        x = tensor(1000 + at, (batch, sizes[0]))
        labels = wholes([int(v) for v in drawn(2000 + at, batch, 0, sizes[-1])])
        for layer in range(len(sizes) - 1):
            x = x @ weights[f"layers.{layer}.weight"] + weights[f"layers.{layer}.bias"]
            x = torch.relu(x) if layer < len(sizes) - 2 else x
        return F.cross_entropy(x, labels)

    return loss_of


def decoder_loss(shape, batch):
    layers, width, heads, context, vocabulary = (
        shape[key] for key in ("layers", "width", "heads", "context", "vocabulary")
    )

    def loss_of(weights, at):
        count = batch * context
        tokens = wholes([int(v) for v in drawn(1000 + at, count, 0, vocabulary)], (batch, context))
        targets = wholes([int(v) for v in drawn(2000 + at, count, 0, vocabulary)])

        def norm(x, name):
            return F.layer_norm(x, (width,), weights[f"{name}.weight"], weights[f"{name}.bias"])

        def dense(x, name):
            return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

        x = F.embedding(tokens, weights["model.embed_tokens.weight"])
        x = x + weights["model.embed_positions.weight"]
        for layer in range(layers):
            name = f"model.layers.{layer}"
            qkv = dense(norm(x, f"{name}.input_layernorm"), f"{name}.self_attn.qkv_proj")
            q, k, v = (
                part.reshape(batch, context, heads, width // heads).transpose(1, 2)
                for part in qkv.chunk(3, -1)
            )
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            mixed = mixed.transpose(1, 2).reshape(batch, context, width)
            x = x + dense(mixed, f"{name}.self_attn.o_proj")
            opened = F.gelu(dense(norm(x, f"{name}.post_attention_layernorm"), f"{name}.mlp.up_proj"))
            x = x + dense(opened, f"{name}.mlp.down_proj")
        logits = norm(x, "model.norm") @ weights["lm_head.weight"].T
        return F.cross_entropy(logits.reshape(count, vocabulary), targets)

    return loss_of


def training(asked):
    shapes = {name: tuple(shape) for name, shape in asked["shapes"].items()}
    kind = {"perceptron": perceptron_loss, "decoder": decoder_loss}[asked["kind"]]
    loss_of = kind(asked["shape"], asked["batch"])
    return train(parameters(shapes), asked["optimizer"], asked["batches"], loss_of)


torch.set_num_threads(1)
asked = json.load(sys.stdin)
told = {
    "torch": torch.__version__,
    "cases": {one["name"]: gradients_of(one["name"], one["shapes"], one["span"]) for one in asked["cases"]},
    "trainings": {one["name"]: training(one) for one in asked["trainings"]},
}


def short(value):
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [short(each) for each in value]
    if isinstance(value, dict):
        return {key: short(each) for key, each in value.items()}
    return value


print(json.dumps(short(told), separators=(",", ":")))
