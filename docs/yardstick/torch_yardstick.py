#!/usr/bin/env python3
"""The workloads of `plumbline bench` in eager PyTorch: the yardstick of docs/performance.md, no part of the product.

Training is padded and unshared, every position goes through the vocabulary; the reference of dpo-step is cached.

Debian: apt-get install python3-torch libopenblas0-openmp; run with OMP_NUM_THREADS=2. Prints one JSON object:
{workload: {"seconds": median, "runs": [...]}}.
"""
import json
import math
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(2)
DIM, LAYERS, HEADS, HIDDEN = 288, 6, 6, 768
HEAD_DIM = DIM // HEADS


class Llama:
    def __init__(self, vocab, seed=0):
        g = torch.Generator().manual_seed(seed)
        def matrix(out, inner):
            return (torch.randn(out, inner, generator=g) * 0.02).requires_grad_()
        def ones():
            return torch.ones(DIM).requires_grad_()
        self.embedding, self.head, self.norm = matrix(vocab, DIM), matrix(vocab, DIM), ones()
        self.layers = [dict(n1=ones(), q=matrix(DIM, DIM), k=matrix(DIM, DIM), v=matrix(DIM, DIM), o=matrix(DIM, DIM),
                            n2=ones(), gate=matrix(HIDDEN, DIM), up=matrix(HIDDEN, DIM), down=matrix(DIM, HIDDEN))
                       for _ in range(LAYERS)]
        f = 10000.0 ** (-torch.arange(0, HEAD_DIM, 2).double() / HEAD_DIM)
        angles = torch.outer(torch.arange(2048).double(), f)
        self.cos, self.sin = angles.cos().float(), angles.sin().float()

    def parameters(self):
        return [self.embedding, self.head, self.norm] + [w for l in self.layers for w in l.values()]

    @staticmethod
    def rms(x, g):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * g

    @staticmethod
    def turn(x, c, s):
        a, b = x[..., :HEAD_DIM // 2], x[..., HEAD_DIM // 2:]
        return torch.cat((a * c - b * s, b * c + a * s), -1)

    def hidden(self, ids, past=None, start=0):
        b, t = ids.shape
        x = F.embedding(ids, self.embedding)
        c, s = self.cos[start:start + t], self.sin[start:start + t]
        mask = torch.full((t, t), -1e9).triu(1) if t > 1 else None
        for i, l in enumerate(self.layers):
            h = self.rms(x, l["n1"])
            q, k, v = (F.linear(h, l[n]).view(b, t, HEADS, HEAD_DIM).transpose(1, 2) for n in "qkv")
            q, k = self.turn(q, c, s), self.turn(k, c, s)
            if past is not None:
                if past[i] is not None:
                    k, v = torch.cat((past[i][0], k), 2), torch.cat((past[i][1], v), 2)
                past[i] = (k, v)
            p = q @ k.transpose(-1, -2) / math.sqrt(HEAD_DIM)
            if mask is not None:
                p = p + mask
            o = (F.softmax(p, -1) @ v).transpose(1, 2).reshape(b, t, DIM)
            x = x + F.linear(o, l["o"])
            h = self.rms(x, l["n2"])
            x = x + F.linear(F.silu(F.linear(h, l["gate"])) * F.linear(h, l["up"]), l["down"])
        return self.rms(x, self.norm)

    def log_probs(self, ids):
        """[b, t - 1] of ids[:, 1:], through the whole vocabulary at every position, as the usual trainers do."""
        logits = F.linear(self.hidden(ids[:, :-1]), self.head)
        return -F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none").view(ids.shape[0], -1)


def step(model, optimizer, loss):
    def run():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return run


def trainer(vocab):
    model = Llama(vocab)
    return model, torch.optim.AdamW(model.parameters(), lr=1e-4)


def sft(vocab):
    model, optimizer = trainer(vocab)
    ids = torch.randint(0, vocab, (8, 257), generator=torch.Generator().manual_seed(1))
    return step(model, optimizer, lambda: -model.log_probs(ids).mean())


def aft(vocab=512):
    """AFT with the boundary constraint; every candidate a padded row with its own copy of the prompt."""
    model, optimizer = trainer(vocab)
    g = torch.Generator().manual_seed(1)
    lengths = [64 + 64 * i // 7 for i in range(8)] * 4
    ids = torch.randint(0, vocab, (32, 128 + 128), generator=g)
    mask = torch.zeros(32, 255)
    for r, n in enumerate(lengths):
        mask[r, 127:127 + n] = 1
    right = torch.tensor([True, False] * 4)
    def loss():
        s = ((model.log_probs(ids) * mask).sum(-1) / mask.sum(-1)).view(4, 8)
        pos, neg = s[:, right], s[:, ~right]
        bound = (pos.min(-1, keepdim=True).values - 0.15).detach()
        down = (neg[:, None, :] - pos[:, :, None]).exp().flatten(1).sum(-1)
        up = (2 * bound - neg[:, None, :] - pos[:, :, None]).exp().flatten(1).sum(-1)
        return torch.log(1 + down + up).mean()
    return step(model, optimizer, loss)


def dpo(vocab=512):
    model, optimizer = trainer(vocab)
    ids = torch.randint(0, vocab, (16, 256), generator=torch.Generator().manual_seed(1))
    mask = torch.zeros(16, 255)
    mask[:, 191:] = 1
    reference = torch.zeros(8)
    def loss():
        s = (model.log_probs(ids) * mask).sum(-1)
        return -F.logsigmoid(0.1 * (s[:8] - s[8:] - reference)).mean()
    return step(model, optimizer, loss)


@torch.no_grad()
def generate(model, prompt, tokens):
    past = [None] * LAYERS
    ids = prompt
    for i in range(tokens):
        h = model.hidden(ids, past, 0 if i == 0 else prompt.shape[1] + i - 1)[:, -1]
        ids = torch.multinomial(F.softmax(F.linear(h, model.head), -1), 1)


def sample(vocab=512):
    model = Llama(vocab)
    prompt = torch.randint(0, vocab, (32, 64), generator=torch.Generator().manual_seed(1))
    return lambda: generate(model, prompt, 128)


def rollouts(positions, vocab=512):
    """16 rollouts from each of the given positions: a call for each prefix, as `generate(num_return_sequences=16)`."""
    model = Llama(vocab)
    whole = torch.randint(0, vocab, (1, 160), generator=torch.Generator().manual_seed(1))
    def run():
        for p in positions:
            generate(model, whole[:, :64 + p].repeat(16, 1), 64)
    return run


def seconds(run, repeats, warm=1):
    for _ in range(warm):
        run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return {"seconds": sorted(times)[len(times) // 2], "runs": [round(t, 4) for t in times]}


def main():
    chosen = sys.argv[1:]
    work = {
        "sft-step": lambda: seconds(sft(512), 9, 2),
        "sft-step-32k": lambda: seconds(sft(32000), 5),
        "aft-step": lambda: seconds(aft(), 5),
        "dpo-step": lambda: seconds(dpo(), 5),
        "sample-32": lambda: seconds(sample(), 3),
        "rollouts": lambda: seconds(rollouts(range(1, 97, 12)), 1, 0),  # 8 of 96 positions; times 12 for all
    }
    print(json.dumps({name: run() for name, run in work.items() if not chosen or name in chosen}))


if __name__ == "__main__":
    main()
