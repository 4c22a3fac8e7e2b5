"""Who computes a case: ours, hand-written kernels, and what users have today."""


class Unavailable(Exception):
    """Why a contestant does not compute a case on this machine."""


class Contestant:
    """One way to compute a case, on its arrays in place.

    Contestants are made when the data is as it is at first; they may change it
    while they are made."""
    uses_torch_stream = True  # Of calls; else events do not time them.
    has_cpu_time = True       # False if `call` waits for the device.
    is_loose = False          # Whether it rounds to 16 bits after each op.

    def __init__(self, data):
        self.data = data
        # Asked for once, as that takes a microsecond.
        self.stream = data.torch.cuda.current_stream() if data.device == "cuda" else None

    def call(self, number):
        """Issues call `number`, if possible without waiting for the device."""
        raise NotImplementedError

    def wait(self):
        """Waits for what a call issued outside of torch's stream."""

    def value(self):
        """What the last call returned, on the host; waits for it."""
        return None

    def call_and_wait(self, number):
        """Makes a call and waits for its end; returns its value."""
        self.call(number)
        if self.data.case.spec.returns:
            return self.value()
        self.wait()
        if self.stream:
            self.stream.synchronize()
        return None

    def restart(self):
        """Called after the data was made what it is at first."""

    def written_back(self):
        """Called before results are compared: leaves them in the data's arrays."""

    def close(self):
        """Releases what it holds on the device."""
