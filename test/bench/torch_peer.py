"""The U-Net of `wfr-torch train-unet` as one writes it with PyTorch, on fields of the same size in memory. `torch_steps.py` calls it.

    torch_peer.py ROWS COLUMNS WIDTH BATCH SAMPLES EPOCHS LAMBDA DEVICE

On a GPU the fields lie there too and products are in 16 bits, as `wfr-torch` has them.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Convolution(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.layer = nn.Conv2d(into, out, 3, padding=(1, 0))

    def forward(self, x):
        return F.gelu(self.layer(F.pad(x, (1, 1, 0, 0), mode="circular")))


def block(into, out):
    return nn.Sequential(Convolution(into, out), Convolution(out, out))


class UNet(nn.Module):
    def __init__(self, variables, width, depth):
        super().__init__()
        sizes = [width << level for level in range(depth + 1)]
        self.down = nn.ModuleList(block(into, out) for into, out in zip([variables, *sizes], sizes))
        self.up = nn.ModuleList(block(below + out, out) for below, out in zip(sizes[:0:-1], sizes[-2::-1]))
        self.head = nn.Conv2d(width, variables, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, now):
        x, beside = now, []
        for level, layer in enumerate(self.down):
            x = layer(F.avg_pool2d(x, 2, ceil_mode=True, count_include_pad=False) if level else x)
            beside.append(x)
        beside.pop()
        for layer in self.up:
            skip = beside.pop()
            x = layer(torch.cat([F.interpolate(x, size=skip.shape[2:], mode="nearest"), skip], 1))
        return now + self.head(x)


def main():
    rows, columns, width, batch, samples, epochs, strength = map(int, sys.argv[1:8])
    device = sys.argv[8]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    torch.backends.cudnn.deterministic = True
    fields = torch.randn(samples * 5 // 4 + 1, 5, rows, columns, device=device)
    net = UNet(5, width, 2).to(device)
    optimiser = torch.optim.Adam(net.parameters(), 0.001)
    anchor = [weight.detach().clone() for weight in net.parameters()]
    fisher = [torch.rand_like(weight) for weight in net.parameters()]
    for epoch in range(epochs):
        begun = time.monotonic()
        order = torch.randperm(samples)
        for places in order.split(batch):
            now, later = torch.stack([fields[n] for n in places]), torch.stack([fields[n + 1] for n in places])
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                told = net(now)
            loss = F.mse_loss(told.float(), later)
            if strength:
                loss = loss + strength / 2 * sum((f * (w - a) ** 2).sum() for f, w, a in zip(fisher, net.parameters(), anchor))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss.item()
        with torch.no_grad():
            for part in fields[samples:-1].split(16):
                net(part)
        print(f"epoch {epoch + 1}: {-(-samples // batch) / (time.monotonic() - begun):.1f} steps/s", file=sys.stderr)


main()
