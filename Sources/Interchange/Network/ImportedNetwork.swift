import WeftBase
import WeftLayers
import WeftModels

/// What came out of another program's file.
package struct ImportedNetwork: Sendable {
  package var network: NetworkDescription
  package var metadata: NetworkMetadata
  /// What the file left open or Weft leaves out, for the user to read.
  package var notes: [String]

  package init(
    _ network: NetworkDescription, metadata: NetworkMetadata = NetworkMetadata(), notes: [String] = []
  ) {
    self.network = network
    self.metadata = metadata
    self.notes = notes
  }
}

/// What files of weights alone cannot tell, as the user does.
package struct NetworkHints: Sendable {
  /// Tells tanh from ReLU, and the GRU's forms.
  package var cell: CellType?
  package var outputSteps: OutputSteps?

  package init(cell: CellType? = nil, outputSteps: OutputSteps? = nil) {
    self.cell = cell
    self.outputSteps = outputSteps
  }

  /// What the user says, and where he says nothing what Weft told when it wrote the file.
  func completed(by metadata: NetworkMetadata, file: String) throws(WeftError) -> NetworkHints {
    let told = try metadata.configuration(file: file)?.model
    return NetworkHints(cell: cell ?? told?.cell, outputSteps: outputSteps ?? told?.output)
  }
}
