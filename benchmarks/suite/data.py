"""The arrays of a case, what they hold before a call, and whether they are right
after it."""

import math
import zlib

import cases
import reference

# Half a unit in the last place, relative: what rounding a result once may cost.
HALF_UNIT = {"f32": 2.0 ** -24, "bf16": 2.0 ** -8, "f16": 2.0 ** -11}
ARITHMETIC = 2e-5  # Relative, of a result in f32 before it is rounded.
WORST = 1e30       # The error of what is not a number, as JSON has no infinity.
ABSOLUTE = 2e-6    # For results near 0, which are differences of values near 1.
NORM = 1e-4        # Relative, of a returned norm: sums in f32.
# For who rounds after each op to a type of 16 bits.
LOOSE, LOOSE_ABSOLUTE, LOOSE_NORM = 16, 16_000, 100


def torch_type(torch, dtype):
    return {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16,
            "f64": torch.float64, "i32": torch.int32}[dtype]


class Data:
    """Lists, device scalars and host scalars of a case, on one device."""

    def __init__(self, torch, case, shapes, device):
        self.torch, self.case, self.shapes, self.device = torch, case, shapes, device
        self.generator = torch.Generator(device=device)
        # The last tensor with elements.
        self.last = max(i for i, shape in enumerate(shapes) if math.prod(shape))
        self.flat, self.lists, self.state = {}, {}, {}
        for name, dtype in case.lists:
            kind = torch_type(torch, dtype)
            if case.layout == "flat":
                total = max(1, cases.count_elements(shapes))
                self.flat[name] = torch.zeros(total, dtype=kind, device=device)
                self.lists[name] = self.views_of(self.flat[name])
            else:
                self.lists[name] = [torch.zeros(shape, dtype=kind, device=device)
                                    for shape in shapes]
        for name, value in case.spec.state:
            kind = "i32" if isinstance(value, int) else "f32"
            self.state[name] = torch.tensor(value, dtype=torch_type(torch, kind),
                                            device=device)
        self.scalars = dict(case.spec.scalars)
        self.expected = None  # What the reference says, once it was asked.
        self.reset()

    def views_of(self, flat):
        views, offset = [], 0
        for shape in self.shapes:
            count = math.prod(shape)
            views.append(flat[offset:offset + count].view(shape))
            offset += count
        return views

    def fill(self, tensor, name, index):
        """Writes what tensor `index` of a list holds at first."""
        self.generator.manual_seed(zlib.crc32(f"{name}/{index}".encode()))
        tensor.normal_(generator=self.generator)
        if name == "v":  # A second moment.
            tensor.abs_()
        if self.case.workload == "w11" and index == self.last:  # Something to find.
            tensor.view(-1)[-1] = math.inf

    def initial(self, name, index):
        """What tensor `index` of a list holds at first, in f64."""
        tensor = self.torch.empty_like(self.lists[name][index])
        self.fill(tensor, name, index)
        return tensor.double()

    def reset(self):
        """Writes what everything holds at first."""
        for name, tensors in self.lists.items():
            for index, tensor in enumerate(tensors):
                self.fill(tensor, name, index)
        for name, value in self.case.spec.state:
            self.state[name].fill_(value)

    def scalars_of(self, call):
        """The host scalars of call number `call`."""
        if self.case.spec.tenth and call % 10 == 0:
            return {**self.scalars, **dict(self.case.spec.tenth)}
        return self.scalars

    def compare(self, value, loose):
        """Compares everything, after one call from the initial state, with a
        reference in f64. Returns the worst error in units of what is allowed: at
        most 1 is right. `value` is what the call returned; `loose` says that the
        contestant rounds after each op."""
        if self.expected is None:
            self.expected = reference.run(self)
        wanted, expected = self.expected
        worst = 0.0
        if self.case.spec.returns:
            allowed = NORM * abs(wanted) * (LOOSE_NORM if loose else 1)
            difference = abs(float(value) - wanted)
            # Not a number is never right; an exact value allows no error.
            worst = 0.0 if difference == 0 else \
                difference / allowed if allowed and difference == difference \
                else math.inf
        worst = self.torch.tensor(worst, dtype=self.torch.float64, device=self.device)
        for index in range(len(self.shapes)):
            for name, tensor in expected(index).items():
                if tensor.numel():
                    error = self.worst_error(name, index, tensor, loose)
                    worst = self.torch.maximum(worst, error)
        return min(worst.item(), WORST)

    def worst_error(self, name, index, expected, loose):
        dtype = dict(self.case.lists)[name]
        relative = (ARITHMETIC + HALF_UNIT[dtype]) * \
            (LOOSE if loose and dtype != "f32" else 1)
        absolute = ABSOLUTE * (LOOSE_ABSOLUTE if loose and dtype != "f32" else 1)
        found = self.lists[name][index].double()
        error = (found - expected).abs() / (absolute + relative * expected.abs())
        return error.nan_to_num(nan=math.inf, posinf=math.inf).max()
