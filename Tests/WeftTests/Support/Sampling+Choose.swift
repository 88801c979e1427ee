@testable import Weft

extension Sampling {
  /// One choice among logits.
  func choose(_ logits: [Float], step: Int) -> Int32 {
    let tensor = Tensor(rows: 1, columns: logits.count)
    tensor.values = logits
    var chooser = TokenChooser(self)
    return withExtendedLifetime(tensor) { chooser.choose(tensor.matrix, step: step) }
  }
}
