import HDF5
import WeftBase

extension DataConfiguration {
  /// The splits of training: those whose targets tell the classes.
  var splitNames: [String] { [split.train, split.validation, split.test] }
}

extension FoundClasses {
  /// The classes of all splits of files that name none, or that store them as texts or enumerations.
  ///
  /// - Parameters:
  ///   - count: Number of classes by the file or the configuration; nil if unknown.
  ///   - vocabulary: Number of tokens, which are the classes of steps; nil without a vocabulary.
  ///   - groups: The group of a split in a file; nil if it has none.
  init(
    _ files: [File], _ data: DataConfiguration, _ requirements: DataRequirements, count known: Int?,
    vocabulary: Int?,
    group: (File, String) throws -> Group?
  ) throws {
    self.init()
    var last: (dataset: Dataset, file: String)?
    for file in files {
      for name in data.splitNames {
        guard let group = try group(file, name) else { continue }
        let named = data.forSplit(name)
        let finder = DatasetFinder(
          group: group, file: file.path, data: named, requirements: requirements,
          vocabulary: vocabulary ?? data.vocabularySize,
          targetVocabulary: nil, classes: nil, classNames: [])
        guard let target = try finder.targetName(),
          let dataset = try? finder.dataset(target, key: "data.targets"),
          let format = try? finder.format(first: finder.inputNames()[0])
        else { continue }
        switch dataset.datatype {
        case .integer, .float:
          // A class of a whole sequence is no token, though its steps are.
          let areTokens = vocabulary != nil && (format == .stream || requirements.hasOutputPerStep)
          if known != nil || areTokens { continue }
        default: break
        }
        let leading = format == .dense && requirements.hasOutputPerStep ? 2 : 1
        let place = finder.place(of: dataset)
        do {
          try add(
            dataset, rank: requirements.wantsTargetSequences ? .max : leading, file: file.path,
            counting: CountedTargets(
              finder, format: format, hasTargetPerStep: requirements.hasOutputPerStep, shape: dataset.shape))
        } catch let error as WeftError where error.message.hasPrefix("dataset ") {
          throw WeftError.data("\(place): \(error.message)")
        }
        last = (dataset, place)
      }
    }
    if let last { try check(last.dataset, file: last.file) }
  }
}
