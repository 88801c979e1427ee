"""The model of train.yaml in PyTorch: a bidirectional LSTM, and an LSTM that looks at its states and is fed what it
saw (Luong, Pham and Manning 2015, `general` scores)."""

import pathlib
import sys

import torch
from torch.nn import functional
from torch.nn.utils import rnn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import comparison  # noqa: E402

HIDDEN, DROPOUT = 256, 0.2


class Translator(torch.nn.Module):
    """Embeddings are as large as the states; those of written tokens are the output's weights too. `written` is the
    number of tokens to write: one more stands for the beginning and the end."""

    def __init__(self, read, written):
        super().__init__()
        self.source_embedding = torch.nn.Embedding(read, HIDDEN)
        self.encoder = torch.nn.LSTM(HIDDEN, HIDDEN, bidirectional=True, batch_first=True)
        self.hidden_bridge = torch.nn.Linear(2 * HIDDEN, HIDDEN)
        self.cell_bridge = torch.nn.Linear(2 * HIDDEN, HIDDEN)
        self.target_embedding = torch.nn.Embedding(written + 1, HIDDEN)
        self.input = torch.nn.Linear(HIDDEN, 4 * HIDDEN)
        # What the gates get from the attentional state and from the hidden state before, side by side.
        self.recurrent = torch.nn.Parameter(torch.empty(2 * HIDDEN, 4 * HIDDEN))
        self.key = torch.nn.Linear(2 * HIDDEN, HIDDEN, bias=False)
        self.context = torch.nn.Linear(2 * HIDDEN, HIDDEN, bias=False)
        self.state = torch.nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.output_bias = torch.nn.Parameter(torch.zeros(written + 1))
        self.initialize()

    @torch.no_grad()
    def initialize(self):
        """As Weft does."""
        for embedding in (self.source_embedding, self.target_embedding):
            torch.nn.init.normal_(embedding.weight, std=HIDDEN ** -0.5)
        comparison.initialize_lstm(self.encoder)
        for linear in (self.hidden_bridge, self.cell_bridge, self.key, self.context, self.state):
            torch.nn.init.xavier_uniform_(linear.weight)
            if linear.bias is not None:
                linear.bias.zero_()
        for gate in self.input.weight.chunk(4):
            torch.nn.init.xavier_uniform_(gate)
        self.input.bias.zero_()
        self.input.bias.chunk(4)[1].fill_(1)
        feeding, recurrent = self.recurrent.chunk(2)
        for gate in feeding.chunk(4, dim=1):
            torch.nn.init.xavier_uniform_(gate)
        for gate in recurrent.chunk(4, dim=1):
            gate.copy_(torch.nn.init.orthogonal_(torch.empty(HIDDEN, HIDDEN)))

    def drop(self, values):
        return functional.dropout(values, DROPOUT, self.training)

    def forward(self, source, lengths, previous, wanted):
        """Logits of the positions of `wanted` [rows, steps], a mask, row by row."""
        packed = rnn.pack_padded_sequence(
            self.drop(self.source_embedding(source)), lengths, batch_first=True, enforce_sorted=False)
        states, (hidden, cell) = self.encoder(packed)
        memory = self.drop(rnn.pad_packed_sequence(states, batch_first=True)[0])
        outside = torch.arange(memory.shape[1]) >= lengths[:, None]
        keys = self.key(memory)
        hidden = torch.tanh(self.hidden_bridge(torch.cat((hidden[0], hidden[1]), 1)))
        cell = self.cell_bridge(torch.cat((cell[0], cell[1]), 1))

        # What tokens give to the gates is one product for all steps, and so are the outputs.
        projected = self.input(self.drop(self.target_embedding(previous.t())))
        fed = torch.zeros_like(hidden)
        attentional = []
        for step in projected.unbind(0):
            gates = torch.addmm(step, torch.cat((fed, hidden), 1), self.recurrent)
            i, f, g, o = gates.chunk(4, 1)
            cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
            hidden = torch.sigmoid(o) * torch.tanh(cell)
            scores = torch.bmm(keys, hidden[:, :, None]).squeeze(2).masked_fill(outside, -torch.inf)
            seen = torch.bmm(torch.softmax(scores, 1)[:, None], memory).squeeze(1)
            fed = self.drop(torch.tanh(self.context(seen) + self.state(hidden)))
            attentional.append(fed)
        read = torch.stack(attentional, 1)[wanted]
        return functional.linear(read, self.target_embedding.weight, self.output_bias)

    def weft_weights(self):
        """The parameters under Weft's names and in its shapes."""
        feeding, recurrent = self.recurrent.chunk(2)
        weights = {
            "embedding/weights": self.source_embedding.weight,
            "decoder/embedding/weights": self.target_embedding.weight,
            "decoder/layer0/input_weights": self.input.weight.t(), "decoder/layer0/bias": self.input.bias,
            "decoder/layer0/recurrent_weights": recurrent, "decoder/feeding_weights": feeding,
            "decoder/context_weights": self.context.weight.t(), "decoder/state_weights": self.state.weight.t(),
            "attention/key_weights": self.key.weight.t(), "output/bias": self.output_bias}
        for name, bridge in (("hidden", self.hidden_bridge), ("cell", self.cell_bridge)):
            weights[f"decoder/bridge0/{name}_weights"] = bridge.weight.t()
            weights[f"decoder/bridge0/{name}_bias"] = bridge.bias
        for suffix, direction in (("_l0", "forward"), ("_l0_reverse", "backward")):
            weights |= comparison.lstm_weights(self.encoder, suffix, f"layer0/{direction}")
        return weights
