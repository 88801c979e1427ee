import Media
import WeftBase

/// Recordings or images that are given to a trained model as they are, and prepared as those of its training.
package struct PreparedMedia {
  private enum Kind {
    case recordings(LogMelSpectrogram)
    case images(PatchGrid)
  }

  private let kind: Kind

  /// - Parameter model: The model, for errors.
  /// - Throws: If it was trained on neither.
  package init(_ preparation: Preparation, model: String) throws(WeftError) {
    if let settings = preparation.logMel {
      do { kind = .recordings(try LogMelSpectrogram(settings)) } catch { throw .usage(error.reason) }
    } else if let grid = preparation.patches {
      kind = .images(grid)
    } else {
      throw .usage(
        "\(model): has no record of how recordings or images become features (attribute 'preparation'); give it an HDF5 file"
      )
    }
  }

  /// Features of a step.
  package var width: Int {
    switch kind {
    case .recordings(let spectrogram): spectrogram.settings.bands
    case .images(let grid): grid.featureCount
    }
  }

  private var kinds: Set<String> {
    switch kind {
    case .recordings: AudioDataset.kinds
    case .images: ImageDataset.kinds
    }
  }

  /// Whether a path is a folder, or a recording or image by its name.
  package static func isOne(_ path: String) -> Bool {
    FolderListing.isFolder(path)
      || AudioDataset.kinds.union(ImageDataset.kinds).contains(PathParts.ending(of: path).lowercased())
  }

  /// The files that some paths name: themselves, and those in folders.
  ///
  /// - Throws: If a folder contains none, or cannot be read.
  package func files(_ paths: [String]) throws(WeftError) -> [String] {
    var files: [String] = []
    for path in paths {
      guard FolderListing.isFolder(path) else {
        files.append(path)
        continue
      }
      let names = try UnreadFiles.beside(kinds, in: path).names
      guard !names.isEmpty else {
        throw .data("\(path): contains no file that ends in \(kinds.sorted().joined(separator: ", "))")
      }
      files += names.map { PathParts.path($0, in: path) }
    }
    return files
  }

  /// The features of a file, `[steps, width]`, and how it was converted.
  ///
  /// - Throws: If it cannot be read.
  package func features(of path: String) throws(WeftError) -> (values: [Float], note: String?) {
    do {
      switch kind {
      case .recordings(let spectrogram):
        let found = try spectrogram.features(of: path)
        return (found.values, found.note)
      case .images(let grid): return (grid.describe(try grid.image(path)), nil)
      }
    } catch { throw .failure(error.description) }
  }
}
