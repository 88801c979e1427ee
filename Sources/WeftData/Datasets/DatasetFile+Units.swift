import WeftBase

extension DatasetFile {
  /// Standard deviations from the mean of training beyond which values are no unusual ones, but in another unit.
  private static let farthest = 30.0
  /// Steps of a sequence that are looked at, and features that are told.
  private static let (stepCount, noteCount) = (256, 3)

  /// Features of a split that lie far from what the model was trained on, such as metres where it knows kilometres. Found
  /// in a sample; without scaling nothing is known, nor where windows are scaled by their own level.
  package func unitNotes(_ split: Split) -> [String] {
    guard let scale = traits.scaling.inputs, traits.scaling.series == nil, !data.scalesWindows else {
      return []
    }
    var notes: [String] = []
    var first = 0
    for reader in split.inputs.parts.dropLast(split.inputs.staticCount) {
      let columns = first..<first + reader.width
      first = columns.upperBound
      guard case .features = reader.content, columns.upperBound <= scale.width, !columns.isEmpty else {
        continue
      }
      var far = [Int](repeating: 0, count: columns.count)
      var all = far
      for place in split.sample(of: reader) {
        // The steps are the last dimension.
        var block = place
        if let steps = place.count.last { block.count[place.count.count - 1] = min(steps, Self.stepCount) }
        guard let values = try? reader.numbers([block]) else { continue }
        for (index, value) in values.enumerated() where value.isFinite {
          let column = index % columns.count
          let feature = columns.lowerBound + column
          all[column] += 1
          let distance = abs(value - scale.offsets[feature])
          if distance > Self.farthest * Double(scale.standardDeviations[feature]) { far[column] += 1 }
        }
      }
      for column in all.indices where far[column] * 2 > all[column] {
        let feature = columns.lowerBound + column
        let name = traits.features.indices.contains(feature) ? traits.features[feature].name : ""
        notes.append(
          "\(reader.dataset.path): \(name.isEmpty ? "feature \(column)" : "'\(name)'"): most values are more than"
            + " \(Int(Self.farthest)) standard deviations from the mean of training,"
            + " \(NumberText.significant(scale.offsets[feature], digits: 3)); if they are in another unit, prepare them as"
            + " those of training")
      }
    }
    let more = notes.count - Self.noteCount
    return notes.prefix(Self.noteCount)
      + (more > 0 ? ["\(more) more \(more == 1 ? "feature lies" : "features lie") as far away"] : [])
  }
}
