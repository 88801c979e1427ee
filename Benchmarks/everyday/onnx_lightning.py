# The classifier as a graph for ONNX Runtime.
import numpy as np
import onnxruntime
import torch
from classify_lightning import Classifier, read


class OneSequence(Classifier):
    """Packed sequences have no operator: a sequence at a time needs no lengths."""

    def forward(self, inputs):
        return self.output(self.gru(inputs)[0].mean(1))


def main():
    model = OneSequence.load_from_checkpoint("classify.ckpt")
    inputs = read("new_movements.csv", [])[0][0][None]
    steps = torch.export.Dim.DYNAMIC
    model.to_onnx("classify.onnx", (inputs,), dynamo=True, dynamic_shapes=({1: steps},))
    session = onnxruntime.InferenceSession("classify.onnx")
    np.savetxt("logits.csv", session.run(None, {session.get_inputs()[0].name: inputs.numpy()})[0])


if __name__ == "__main__":
    main()
