"""What users of PyTorch have: functions of loops.py and foreach.py called as they
are, captured into CUDA graphs by hand, or compiled; and torch.optim.AdamW."""

import torch

from contestants import Contestant, Unavailable
from contestants.foreach import FOREACH
from contestants.loops import BETA1, BETA2, EPSILON, LOOPS, WEIGHT_DECAY


class Functions(Contestant):
    """Calls a check and a body: see loops.py."""

    def __init__(self, data, functions):
        super().__init__(data)
        self.check, self.body = functions
        # Host scalars are kept on the device, as a capture can not hold them.
        self.host_scalars = dict(data.scalars_of(0))
        self.scalars = {name: torch.tensor(float(value), dtype=torch.float64,
                                           device=data.device)
                        for name, value in self.host_scalars.items()}
        self.scalars.update(data.state)
        self.result = None
        # The host waits for the check.
        self.has_cpu_time = self.check is None

    def set_scalars(self, number):
        if not self.data.case.spec.tenth:
            return  # They never change.
        for name, value in self.data.scalars_of(number).items():
            if self.host_scalars[name] != value:
                self.host_scalars[name] = value
                self.scalars[name].fill_(value)

    def update_loss_scale(self):
        """What a call without overflow does to the state of w14."""
        if "iteration" in self.data.state:
            self.data.state["iteration"].add_(1)

    def call(self, number):
        self.set_scalars(number)
        if self.check:
            self.result = self.check(self.data.lists, self.scalars)
            if self.result.item():
                return
            self.update_loss_scale()
            self.body(self.data.lists, self.scalars)
        else:
            self.result = self.body(self.data.lists, self.scalars)

    def value(self):
        value = float(self.result.item())
        if self.check and self.stream:  # And what followed it.
            self.stream.synchronize()
        return value


class Foreach(Functions):
    """torch._foreach_*, and clip_grad_norm_ for w5."""

    def __init__(self, data):
        super().__init__(data, FOREACH[data.case.spec.program])
        # The lists' own type, where all arithmetic is by list functions.
        self.is_loose = data.case.dtype != "f32"
        if data.case.spec.program == "w5":
            self.parameters = [torch.nn.Parameter(torch.empty_like(g))
                               for g in data.lists["g"]]
            for parameter, g in zip(self.parameters, data.lists["g"]):
                parameter.grad = g
            self.body = self.clip

    def clip(self, lists, scalars):
        del lists, scalars
        return torch.nn.utils.clip_grad_norm_(
            self.parameters, self.host_scalars["max_norm"], foreach=True)


class Compiled(Functions):
    """torch.compile of the loops; with `mode` "reduce-overhead" it may make CUDA
    graphs."""

    def __init__(self, data, mode):
        functions = LOOPS[data.case.spec.program]
        torch._dynamo.reset()
        super().__init__(data, [function and torch.compile(function, mode=mode)
                                for function in functions])
        for number in range(2):
            self.call(number)


class Captured(Functions):
    """Functions that were captured with torch.cuda.graph."""

    def __init__(self, data, functions, is_loose=False):
        super().__init__(data, functions)
        if data.device != "cuda":
            raise Unavailable("needs CUDA graphs")
        self.is_loose = is_loose
        for function in filter(None, functions):
            function(data.lists, self.scalars)  # Captures allow no lazy set-up.
        torch.cuda.synchronize()
        self.check, self.body = (function and self.capture(function)
                                 for function in functions)

    def capture(self, function):
        """A function that replays what `function` does; returns the same tensor."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            result = function(self.data.lists, self.scalars)

        def replay(lists, scalars):
            del lists, scalars
            graph.replay()
            return result

        return replay


class AdamW(Contestant):
    """torch.optim.AdamW: with list functions or fused, with its state on the device
    ("capturable") or not, called or replayed."""

    def __init__(self, data, fused, capturable, captured):
        super().__init__(data)
        if data.device != "cuda" and (capturable or captured):
            raise Unavailable("needs a GPU")
        # Fused kernels round once; list functions after each op.
        self.is_loose = not fused and data.case.dtype != "f32"
        lists, scalars = data.lists, data.scalars_of(0)
        parameters = [torch.nn.Parameter(p) for p in lists["p"]]
        rate = scalars["lr"]
        if capturable:
            rate = torch.tensor(rate, device=data.device)
        self.optimizer = torch.optim.AdamW(
            parameters, lr=rate, betas=(BETA1, BETA2), eps=EPSILON,
            weight_decay=WEIGHT_DECAY, fused=fused, foreach=not fused,
            capturable=capturable)
        on_device = data.device if fused or capturable else "cpu"
        self.steps = []
        for i, parameter in enumerate(parameters):
            parameter.grad = lists["g"][i]
            self.steps.append(torch.tensor(0.0, device=on_device))
            self.optimizer.state[parameter] = {
                "step": self.steps[-1], "exp_avg": lists["m"][i],
                "exp_avg_sq": lists["v"][i]}
        # The first call counts up to the given step.
        self.first_step = scalars["step"] - 1
        self.graph = None
        self.optimizer.step()
        if captured:
            torch.cuda.synchronize()
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.optimizer.step()

    def restart(self):
        for step in self.steps:
            step.fill_(self.first_step)

    def call(self, number):
        if self.graph:
            self.graph.replay()
        else:
            self.optimizer.step()


def make(name, data):
    """The contestant of that name."""
    program = data.case.spec.program
    if name == "captured":
        return Captured(data, LOOPS[program])
    if name == "compile":
        return Compiled(data, None)
    if name == "compile-reduce":
        return Compiled(data, "reduce-overhead")
    if program == "w16":
        fused, captured = name.startswith("fused"), name.endswith("captured")
        return AdamW(data, fused, captured or name == "fused-capturable", captured)
    if name == "foreach-captured":
        return Captured(data, FOREACH[program], data.case.dtype != "f32")
    return Foreach(data)
