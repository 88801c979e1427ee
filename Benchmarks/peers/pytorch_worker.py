"""Times PyTorch layers on request, in one process that lives as long as the comparison.

Reads one JSON object a line: {"module", "steps", "batch", "input", "hidden", "mode", "seconds"}, where mode is float32,
autocast (float32 weights, operands in bfloat16) or bfloat16 (a module in bfloat16); answers with
{"milliseconds", "share", "count"}: the median of the steps timed, and the part of the
time that its threads were given processors; or with {"error"} where PyTorch cannot do it on this CPU. A process that stays keeps its allocator and its threads
warm, which is how PyTorch trains.
"""

import json
import statistics
import sys
import time

import torch


class TrainingStep:
    """Forward, backward with input gradients for the sum of the outputs, and plain SGD."""

    def __init__(self, module, steps, batch, input, hidden, mode):
        torch.manual_seed(1)
        kind = torch.bfloat16 if mode == "bfloat16" else torch.float32
        self.layer = getattr(torch.nn, module)(input, hidden).to(kind)
        self.inputs = torch.rand(steps, batch, input).sub_(0.5).to(kind).requires_grad_()
        self.autocast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "autocast")
        self.optimizer = torch.optim.SGD(self.layer.parameters(), lr=1e-6)

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.inputs.grad = None
        with self.autocast:
            outputs, _ = self.layer(self.inputs)
        outputs.sum().backward()
        self.optimizer.step()


def measure(step, seconds, warm_up):
    """The median of at least three steps, after `warm_up` that are not counted."""
    for _ in range(warm_up):
        step()
    times = []
    processor = time.process_time()
    while len(times) < 3 or sum(times) < seconds:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    share = (time.process_time() - processor) / sum(times) / torch.get_num_threads()
    return {"milliseconds": statistics.median(times) * 1000, "share": share, "count": len(times)}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    latest = None
    for line in sys.stdin:
        request = json.loads(line)
        seconds = request.pop("seconds")
        # Rounds of the same layer reuse it: only its first round pays for building and warming it.
        if latest is None or latest[0] != request:
            latest = (request, TrainingStep(**request))
            warm_up = 3
        else:
            warm_up = 1
        try:
            answer = measure(latest[1], seconds, warm_up)
        except RuntimeError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
