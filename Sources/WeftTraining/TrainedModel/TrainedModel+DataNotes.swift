import WeftBase
import WeftData

extension TrainedModel {
  /// What users should know of data that the model was applied to: features that may be in another unit, steps that are
  /// further apart in time than those of training, or closer, and targets that are missing. Data that cannot be read have
  /// no notes.
  ///
  /// - Parameters:
  ///   - split: Name of the split that the model is applied to.
  ///   - file: Another file than the training dataset; nil for that.
  ///   - comparesTargets: Whether missing targets matter.
  package func dataNotes(split: String, file: String?, comparesTargets: Bool = false) -> [String] {
    guard file != nil || comparesTargets,
      let dataset = try? openDataset(split: split, file: file, needsTargets: comparesTargets)
    else { return [] }
    var notes: [String] = []
    if file != nil {
      if let opened = try? dataset.openSplit(split) { notes += dataset.unitNotes(opened) }
      if let note = timeStepNote(dataset, split: split) { notes.append(note) }
    }
    if comparesTargets, !configuration.data.allowsMissingTargets,
      let missing = try? dataset.missingTargets(split: split), missing.count > 0
    {
      notes.append(
        "\(dataset.path): group /\(split): \(missing.count) of \(missing.of) targets are missing and left out"
      )
    }
    return notes
  }

  private func timeStepNote(_ dataset: DatasetFile, split: String) -> String? {
    let training = configuration.data.split.train
    guard let own = usualStep(of: dataset, split: split),
      let trained = try? open(configuration(for: nil), needsTargets: false),
      let usual = usualStep(of: trained, split: training), abs(own.length / usual.length - 1) > Self.tolerance
    else { return nil }
    return
      "\(dataset.path): group /\(split): its steps are \(own.text) apart, but the model was trained on steps of \(usual.text)"
  }

  /// Months are not of one length.
  private static let tolerance = 0.05
  /// Steps at the beginning of a split that tell how far apart they are.
  private static let tellingCount = 1000

  private func usualStep(of dataset: DatasetFile, split: String) -> (length: Double, text: String)? {
    guard dataset.contains(split: split), let times = try? dataset.times(split: split),
      let first = try? times.times(0..<Self.tellingCount), let step = TimeStep(first, times.style.scale)
    else { return nil }
    let day = 86_400.0
    switch step {
    case .seconds(let seconds):
      if times.style.scale == .numbers { return (seconds, NumberText.json(seconds)) }
      let units = [(day, "d"), (3600, "h"), (60, "min")]
      let unit = units.first { seconds.truncatingRemainder(dividingBy: $0.0) == 0 } ?? (1, "s")
      return (seconds, "\(NumberText.json(seconds / unit.0)) \(unit.1)")
    case .days(let days): return (Double(days) * day, "\(days) d")
    // A few of these are told as days.
    case .weekdays: return (day, "1 d")
    case .months(let months, _): return (Double(months) * 30.44 * day, NumberText.counted(months, "months"))
    }
  }
}
