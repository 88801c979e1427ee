extension TorchProgram {
  /// Functions that the module's `forward` calls; a program contains those that it needs.
  static let functions: [(name: String, text: String)] = [
    (
      "run",
      #"""
      def run(layer, x, lengths):
          """The states of all steps [batch, time, features], and the final ones of both directions [batch, features]."""
          packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
          states, final = layer(packed)
          final = final[0] if isinstance(final, tuple) else final
          states, _ = pad_packed_sequence(states, batch_first=True, total_length=x.shape[1])
          return states, torch.cat(list(final[-2:] if layer.bidirectional else final[-1:]), -1)
      """#
    ),
    (
      "backward",
      #"""
      def backward(x, lengths):
          """Each row in the opposite order of its steps."""
          places = lengths[:, None] - 1 - torch.arange(x.shape[1])
          return x[torch.arange(len(x))[:, None], places.clamp(min=0)]
      """#
    ),
    (
      "masked",
      #"""
      def masked(x, lengths, value):
          """x with a value after the end of each row."""
          inside = torch.arange(x.shape[1]) < lengths[:, None]
          return torch.where(inside[..., None], x, value)
      """#
    ),
    (
      "windows",
      #"""
      def windows(x, lengths, width, stride, dilation, padding):
          """The steps of each window [batch, windows, width, features], whether each is within its row, and how many
          windows a row has."""
          span = (width - 1) * dilation + 1
          if padding == "valid":
              counts = (lengths - span).clamp(min=0) // stride + 1
              before = torch.zeros_like(lengths)
          else:
              counts = (lengths - 1) // stride + 1
              both = ((counts - 1) * stride + span - lengths).clamp(min=0)
              before = torch.full_like(lengths, span - 1) if padding == "causal" else both // 2
          first = torch.arange(int(counts.max())) * stride - before[:, None]
          places = first[..., None] + torch.arange(width) * dilation
          inside = (places >= 0) & (places < lengths[:, None, None])
          rows = torch.arange(len(x))[:, None, None]
          return x[rows, places.clamp(0, x.shape[1] - 1)], inside[..., None], counts
      """#
    ),
    (
      "convolve",
      #"""
      def convolve(layer, x, lengths, padding):
          """The outputs of a convolution over each row alone, and their numbers."""
          (width,), (stride,), (dilation,) = layer.kernel_size, layer.stride, layer.dilation
          steps, inside, counts = windows(x, lengths, width, stride, dilation, padding)
          outputs = torch.einsum("btwi,oiw->bto", torch.where(inside, steps, 0.0), layer.weight)
          return outputs + layer.bias, counts
      """#
    ),
    (
      "pool",
      #"""
      def pool(x, lengths, width, stride, padding, kind):
          """The maximum or the mean of the steps of each window that a row has, and their numbers."""
          steps, inside, counts = windows(x, lengths, width, stride, 1, padding)
          if kind == "maximum":
              return torch.where(inside, steps, -torch.inf).amax(2), counts
          return torch.where(inside, steps, 0.0).sum(2) / inside.sum(2).clamp(min=1), counts
      """#
    ),
    (
      "scan",
      #"""
      def scan(layers, x, lengths):
          """The states of all steps of the layers side by side [batch, time, features], and their last states."""
          runs = [layer(x, lengths) for layer in layers]
          last = [torch.cat(parts, -1) for parts in zip(*(states for _, states in runs))]
          return torch.cat([outputs for outputs, _ in runs], -1), last
      """#
    ),
    (
      "of_heads",
      #"""
      def of_heads(x, weights):
          """The product of each head's part of x with its rows of weights, gates of all heads side by side."""
          size = weights.shape[1] // 4
          parts, own = x.unflatten(-1, (-1, size)), weights.unflatten(0, (-1, size)).unflatten(-1, (4, size))
          return torch.einsum("bhi,higo->bgho", parts, own).flatten(1)
      """#
    ),
    (
      "normalize",
      #"""
      def normalize(x, gates):
          """Each gate with the mean 0 and the variance 1."""
          parts = x.unflatten(-1, (gates, -1))
          return nn.functional.layer_norm(parts, parts.shape[-1:]).flatten(-2)
      """#
    ),
  ]

  /// The class of which those of cells are.
  static let recurrence = #"""
    class Recurrence(nn.Module):
        """A recurrent layer in one direction: subclasses are cells, with a method for one step."""

        def __init__(self, units, sizes, backward=False, **shapes):
            super().__init__()
            self.units, self.sizes, self.backward = units, sizes, backward
            for name, shape in shapes.items():
                setattr(self, name, nn.Parameter(torch.zeros(shape)))

        def gates(self, x):
            """What the gates sum up of the inputs."""
            sums = x @ self.input_weights
            if hasattr(self, "input_gain"):
                sums = normalize(sums, sums.shape[-1] // self.units) * self.input_gain
            return sums + self.bias

        def initial(self, x):
            """The states before the first step."""
            states = []
            for name, size in zip(("initial_hidden", "initial_cell"), self.sizes):
                row = getattr(self, name, x.new_zeros(0))
                states.append(torch.cat([row, x.new_zeros(size - len(row))]).expand(len(x), -1))
            return states

        def forward(self, x, lengths):
            """The states of all steps [batch, time, features], and the last states of each row."""
            sums, states = self.gates(x), self.initial(x)
            outputs = [None] * x.shape[1]
            for step in reversed(range(x.shape[1])) if self.backward else range(x.shape[1]):
                inside = (step < lengths)[:, None]
                after = self.step(sums[:, step], *states)
                states = [torch.where(inside, new, old) for new, old in zip(after, states)]
                outputs[step] = states[0]
            return torch.stack(outputs, 1), states
    """#
}
