# The classifier as a graph for ONNX Runtime.
weft export runs/classify --to onnx classify.onnx
python3 - <<END
import numpy, onnxruntime
inputs = numpy.genfromtxt("new_movements.csv", delimiter=",", names=True)
first = inputs[inputs["sequence"] == 0]
session = onnxruntime.InferenceSession("classify.onnx")
x = numpy.stack([first["x"], first["y"]], axis=1)[None].astype("float32")
numpy.savetxt("logits.csv", session.run(None, {session.get_inputs()[0].name: x})[0].reshape(1, -1))
END
