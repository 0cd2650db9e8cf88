#!/usr/bin/env python3
"""Scores a model on one window of days, and on what it has learnt before.

The scores of the window are those of its held-out fifth. A model knows which windows it was trained
on and how well it did right after each; predicting their held-out days again shows what it has
forgotten since. `forgetting` is the mean rise of the rmse over all earlier windows, `old_rmse` the
rmse of the very first one now, `old_rmse_when_learnt` what it was.
"""

import argparse
import datetime
import sys

sys.dont_write_bytecode = True
import aerosol  # noqa: E402


def held_out(folder, start, end):
    return aerosol.split(aerosol.read_batches(folder, start, end))[1]


def earlier_windows(model, folder, start):
    """Each window before `start` with its rmse when it was learnt and now."""
    result = []
    for window in model["windows"]:
        first, last = (datetime.date.fromisoformat(window[key]) for key in ("start", "end"))
        if first < start:
            now = aerosol.scores(model["parameters"], held_out(folder, first, last))["rmse"]
            result.append({**window, "rmse_now": now, "rise": now - window["rmse"]})
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model-path", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--data-start", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--data-end", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()

    model = aerosol.read_json(args.model_path)
    result = {"start": args.data_start.isoformat(), "end": args.data_end.isoformat()}
    window = held_out(args.data, args.data_start, args.data_end)
    result.update(aerosol.scores(model["parameters"], window))
    earlier = earlier_windows(model, args.data, args.data_start)
    result["forgetting"] = sum(w["rise"] for w in earlier) / len(earlier) if earlier else 0.0
    result["old_rmse"] = earlier[0]["rmse_now"] if earlier else result["rmse"]
    result["old_rmse_when_learnt"] = earlier[0]["rmse"] if earlier else result["rmse"]
    result["earlier"] = earlier
    aerosol.write_json(args.output, result)
    print(f"{result['start']}: rmse {result['rmse']:.4f}, forgetting {result['forgetting']:+.4f}")


if __name__ == "__main__":
    main()
