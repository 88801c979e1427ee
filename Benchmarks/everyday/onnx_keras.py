# The classifier as a graph for ONNX Runtime.
import keras
import numpy as np
import onnxruntime
from classify_keras import read


def main():
    model = keras.models.load_model("classify.keras")
    inputs = read("new_movements.csv", [])[0][:1]
    model.predict(inputs)  # a loaded model has no signature to export before
    model.export("classify.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession("classify.onnx")
    np.savetxt("logits.csv", session.run(None, {session.get_inputs()[0].name: inputs})[0])


if __name__ == "__main__":
    main()
