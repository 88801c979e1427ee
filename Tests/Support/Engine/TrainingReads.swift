import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftTasks

/// Opens a file as a run does before its first step, and reads both splits completely.
package func readAsTraining(_ configuration: Configuration) throws(WeftError) {
  let file = try DatasetFile(configuration)
  _ = try SequenceModel(
    configuration.model, fitting: file.modelShape(Loss(configuration.loss)), file: file.path)
  for split in ["train", "validation"] where split == "train" || file.contains(split: split) {
    let source = try file.batches(split: split, shuffles: false)
    for index in 0..<source.batchesPerEpoch { _ = try source.batch(epoch: 0, index: index) }
  }
}
