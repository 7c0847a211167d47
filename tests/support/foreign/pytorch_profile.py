"""pytorch_profile.py steps|plain|modules|bare OUT: profiles three inferences of a small network on the CPU, leaves the
trace at OUT and prints PyTorch's own table of it as JSON: {"total_us": ..., "operators": {name: [calls, total_us]}}.
steps: with profiler.step() and shapes. plain: neither. modules: with the Python stack, hence modules. bare: as plain, in
the format of builds without Kineto, which PyTorch still writes."""
import json
import sys

import torch
from torch.profiler import ProfilerActivity, profile, schedule

mode, out = sys.argv[1:]
torch.manual_seed(0)
torch.set_num_threads(1)


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 16, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(16)
        self.depthwise = torch.nn.Conv2d(16, 16, 3, padding=1, groups=16)
        self.head = torch.nn.Linear(16, 10)

    def forward(self, x):
        x = torch.relu(self.norm(self.stem(x)))
        x = torch.nn.functional.silu(self.depthwise(x)).mean((2, 3))
        return torch.softmax(self.head(x), 1)


network = Network().eval()
data = torch.rand(2, 3, 64, 64)
with torch.inference_mode():
    for _ in range(3):
        network(data)
    if mode == "steps":
        events = {}

        def ready(profiler):
            profiler.export_chrome_trace(out)
            events["all"] = profiler.key_averages()
            events["total"] = profiler.events().self_cpu_time_total

        with profile(activities=[ProfilerActivity.CPU], record_shapes=True, on_trace_ready=ready,
                     schedule=schedule(wait=1, warmup=1, active=3)) as profiler:
            for _ in range(5):
                network(data)
                profiler.step()
    else:
        modules = mode == "modules"
        with profile(activities=[ProfilerActivity.CPU], record_shapes=modules, with_stack=modules,
                     with_modules=modules) as profiler:
            for _ in range(3):
                network(data)
        if mode == "bare":
            profiler.events().export_chrome_trace(out)
        else:
            profiler.export_chrome_trace(out)
        events = {"all": profiler.key_averages(), "total": profiler.events().self_cpu_time_total}
print(json.dumps({"version": torch.__version__, "total_us": events["total"],
                  "operators": {event.key: [event.count, event.cpu_time_total] for event in events["all"]}}))
