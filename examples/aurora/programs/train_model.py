#!/usr/bin/env python3
"""Trains the aerosol model on one window of days, going on from --model-path if there is one.

Adam on the mean squared error plus elastic weight consolidation: (λ/2) · Σ F (θ - θ*)², where θ*
are the weights of the model we started from and F says how much the earlier windows need each of
them (the squared mean gradients, which that model carries with it and which fade a little with
every window). The first 80 % of the window is learnt, the rest is held out.

The state after each epoch goes to --checkpoint; SIGUSR1 saves it at once and training goes on. A
checkpoint of the same training found at the start is continued, and the result has the same bytes
as an unbroken one; any other is ignored. --output appears complete or not at all.
"""

import argparse
import datetime
import math
import os
import random
import signal
import sys

sys.dont_write_bytecode = True
import aerosol  # noqa: E402

SEED = 1
LEARNING_RATE = 0.01
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
FADING = 0.9  # what remains, a window later, of the importance of earlier ones


def fresh_state(model, request):
    """The state before the first step."""
    start = model["parameters"] if model else aerosol.initial_parameters(SEED)
    return {
        "request": request,
        "step": 0,
        "parameters": start,
        "mean": [0.0] * aerosol.PARAMETERS,
        "square": [0.0] * aerosol.PARAMETERS,
        "anchor": start,
        "fisher": model["fisher"] if model else [0.0] * aerosol.PARAMETERS,
        "windows": model["windows"] if model else [],
    }


def load_state(path, model, request):
    """The checkpoint's state if it belongs to this training, else a fresh one."""
    if os.path.exists(path):
        try:
            state = aerosol.read_json(path)
            if state["request"] == request:
                print(f"continuing {path} at step {state['step']}", flush=True)
                return state
            print(f"ignoring {path}: it belongs to another training", flush=True)
        except (ValueError, KeyError, TypeError):
            print(f"ignoring {path}: it is no checkpoint", flush=True)
    return fresh_state(model, request)


def advance(state, batch, strength):
    """One step of Adam, in place."""
    state["step"] += 1
    step, parameters = state["step"], state["parameters"]
    slope = aerosol.gradient(parameters, *batch)
    if strength > 0.0:
        pull = zip(slope, state["fisher"], parameters, state["anchor"])
        slope = [g + strength * f * (p - a) for g, f, p, a in pull]
    state["mean"] = [BETA_1 * m + (1.0 - BETA_1) * g for m, g in zip(state["mean"], slope)]
    state["square"] = [BETA_2 * s + (1.0 - BETA_2) * g * g for s, g in zip(state["square"], slope)]
    rate = LEARNING_RATE * math.sqrt(1.0 - BETA_2**step) / (1.0 - BETA_1**step)
    moments = zip(parameters, state["mean"], state["square"])
    state["parameters"] = [p - rate * m / (math.sqrt(s) + EPSILON) for p, m, s in moments]


def importance(parameters, batches, earlier):
    """How much each parameter matters: squared mean gradients, and what is left of earlier ones."""
    total = [0.0] * aerosol.PARAMETERS
    for batch in batches:
        total = [t + g * g for t, g in zip(total, aerosol.gradient(parameters, *batch))]
    return [FADING * e + t / len(batches) for e, t in zip(earlier, total)]


def train(state, batches, args, asked):
    """Runs all steps that are left, saving after each epoch and when `asked` holds something."""
    order = list(range(len(batches)))
    while state["step"] < args.epochs * len(batches):
        epoch, place = divmod(state["step"], len(batches))
        chosen = random.Random(f"{SEED} {epoch}").sample(order, len(order))[place]
        advance(state, batches[chosen], args.ewc_lambda)
        ended = place + 1 == len(batches)
        if ended or asked:
            asked.clear()
            aerosol.write_json(args.checkpoint, state)
            print(f"epoch {epoch + 1}, step {state['step']}: saved", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--start-date", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--end-date", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--model-path")
    parser.add_argument("--ewc-lambda", type=float, default=0.0)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--output", required=True)
    return parser.parse_args()


def main():
    asked = []
    signal.signal(signal.SIGUSR1, lambda *_: asked.append(True))
    args = parse_arguments()
    window = {"start": args.start_date.isoformat(), "end": args.end_date.isoformat()}
    model = aerosol.read_json(args.model_path) if args.model_path else None
    request = {
        **window,
        "ewc_lambda": args.ewc_lambda,
        "epochs": args.epochs,
        "after": model["windows"] if model else [],
    }
    learnt, held_out = aerosol.split(
        aerosol.read_batches(args.data, args.start_date, args.end_date)
    )
    state = load_state(args.checkpoint, model, request)
    train(state, learnt, args, asked)

    parameters = state["parameters"]
    window["rmse"] = aerosol.scores(parameters, held_out)["rmse"]
    aerosol.write_json(
        args.output,
        {
            "windows": state["windows"] + [window],
            "parameters": parameters,
            "fisher": importance(parameters, learnt, state["fisher"]),
        },
    )
    print(f"{window['start']} to {window['end']}: held-out rmse {window['rmse']:.4f}")


if __name__ == "__main__":
    main()
