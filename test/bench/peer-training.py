"""Trains the same networks in PyTorch, in the fastest of some ways to step its Adam, and prints steps a second as JSON.

    peer-training.py '<networks as JSON>' <threads> <seconds for each way>

Counted are seconds of CPU with one thread, and seconds by the clock with more.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

networks, threads, seconds = json.loads(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
torch.set_num_threads(threads)
torch.set_flush_denormal(True)
clock = time.process_time if threads == 1 else time.perf_counter


class Attention(torch.nn.Module):
    def __init__(self, width, heads, fused):
        super().__init__()
        self.heads, self.fused = heads, fused
        self.qkv, self.out = torch.nn.Linear(width, 3 * width), torch.nn.Linear(width, width)

    def forward(self, x):
        batch, context, width = x.shape
        parts = self.qkv(x).view(batch, context, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        if self.fused:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            scores = q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5
            mask = torch.ones(context, context, dtype=torch.bool).triu(1)
            mixed = torch.softmax(scores.masked_fill(mask, -1e9), -1) @ v
        return self.out(mixed.transpose(1, 2).reshape(batch, context, width))


class Layer(torch.nn.Module):
    def __init__(self, width, heads, fused):
        super().__init__()
        self.before, self.after = torch.nn.LayerNorm(width), torch.nn.LayerNorm(width)
        self.attention = Attention(width, heads, fused)
        self.up, self.down = torch.nn.Linear(width, 4 * width), torch.nn.Linear(4 * width, width)

    def forward(self, x):
        x = x + self.attention(self.before(x))
        return x + self.down(F.gelu(self.up(self.after(x))))


class Decoder(torch.nn.Module):
    def __init__(self, layers, width, heads, context, vocabulary, fused):
        super().__init__()
        self.tokens = torch.nn.Embedding(vocabulary, width)
        self.places = torch.nn.Parameter(0.02 * torch.randn(context, width))
        self.layers = torch.nn.Sequential(*(Layer(width, heads, fused) for _ in range(layers)))
        self.norm = torch.nn.LayerNorm(width)
        self.head = torch.nn.Linear(width, vocabulary, bias=False)

    def forward(self, tokens):
        return self.head(self.norm(self.layers(self.tokens(tokens) + self.places))).flatten(0, 1)


def built(network):
    """Each way to build a network, with its batch."""
    shape, batch = network["shape"], network["batch"]
    if network["kind"] == "perceptron":
        layers = []
        for here, there in zip(shape, shape[1:]):
            layers += [torch.nn.Linear(here, there), torch.nn.ReLU()]
        labels = torch.randint(0, shape[-1], (batch,))
        return [(torch.nn.Sequential(*layers[:-1]), torch.rand(batch, shape[0]), labels)]
    tokens = torch.randint(0, shape["vocabulary"], (batch, shape["context"]))
    targets = tokens.roll(-1, 1).flatten()
    return [(Decoder(**shape, fused=fused), tokens, targets) for fused in (True, False)]


def speed(model, inputs, targets, adam):
    """Steps a second, the best of chunks of a tenth of a second."""
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, **adam)

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(inputs), targets).backward()
        optimizer.step()

    for _ in range(3):
        step()
    began = clock()
    step()
    chunk = max(1, round(0.1 / max(clock() - began, 1e-6)))
    best, end = 0.0, clock() + seconds
    while clock() < end:
        began = clock()
        for _ in range(chunk):
            step()
        best = max(best, chunk / (clock() - began))
    return best


def product_speed():
    """GFLOP/s of one product of matrices, as large as a decoder's."""
    a, b = torch.rand(1024, 128), torch.rand(512, 128)
    best = 0.0
    for _ in range(40):
        began = clock()
        for _ in range(5):
            F.linear(a, b)
        best = max(best, 5 * 2 * 1024 * 128 * 512 / (clock() - began) / 1e9)
    return best


WAYS = {"plain": {}, "foreach": {"foreach": True}, "fused": {"fused": True}}
found = {}
for network in networks:
    speeds = {
        f"{way}{'' if at == 0 else ', attention by hand'}": speed(*parts, adam)
        for at, parts in enumerate(built(network))
        for way, adam in WAYS.items()
    }
    best = max(speeds, key=speeds.get)
    found[network["name"]] = {"stepsPerS": speeds[best], "way": best}
print(json.dumps({"torch": torch.__version__, "productGflops": product_speed(), "found": found}))
