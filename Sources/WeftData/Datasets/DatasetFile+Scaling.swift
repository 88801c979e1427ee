import WeftBase

extension DatasetFile {
  /// The scaling of the training split.
  ///
  /// - Parameter onProgress: Called as values are read.
  /// - Throws: If the data cannot be read.
  func measureScaling(_ onProgress: @escaping (DataProgress) -> Void) throws(WeftError) -> Scaling {
    let split = try openSplit(data.split.train)
    var measured = try measureScaling(of: split, onProgress)
    if data.scalingKind != .none {
      measured.covariates = try split.measureCovariates(data.scalingKind)
      if data.scalesWindows { measured.statics = try split.measureStatics(data.scalingKind) }
    }
    return measured
  }

  private func measureScaling(
    of split: Split, _ onProgress: @escaping (DataProgress) -> Void
  ) throws(WeftError) -> Scaling {
    if data.scalesSeries, case .sequences = split.layout { return try measureSeries(of: split, onProgress) }
    let isRelative = data.scalingKind != .none && data.scalesWindows
    var measured = Scaling()
    if !isRelative || data.missingInputs.needsMeans {
      measured = try split.measureScaling(data.scalingKind, season: data.season, onProgress: onProgress)
    }
    if data.scalingKind == .none { (measured.inputs, measured.targets) = (nil, nil) }
    if !requirements.scalesTargets { measured.targets = nil }
    guard isRelative, let context = data.context, let horizon = data.horizon else { return measured }
    // Missing values are replaced before windows have a level.
    let filled = split.scaled(by: Scaling(fills: measured.fills), data)
    var relative = try filled.measureWindowScaling(
      windows(
        filled, data.split.train, horizon: horizon, spacing: max(context, horizon),
        seed: nil, share: .all), sharesScale: requirements.hasOutputPerStep, onProgress: onProgress)
    relative.fills = measured.fills
    return relative
  }

  /// The scales of the series of the training split, with those of all data where a series has none: static features, and
  /// targets that do not continue it.
  private func measureSeries(
    of split: Split, _ onProgress: @escaping (DataProgress) -> Void
  ) throws(WeftError) -> Scaling {
    var series = SeriesScaling(data.scalingKind)
    series.names = split.names ?? []
    if let twice = series.names.firstRepeated {
      throw .data(
        "\(path): group /\(data.split.train): two sequences have the name '\(twice)'; with data.scaling_by: series, names"
          + " tell which series of other splits are the same, so no two may be equal")
    }
    var measured = Scaling()
    if split.inputs.staticCount > 0 || data.horizon == nil && split.targets != nil {
      let whole = try split.measureScaling(data.scalingKind, onProgress: onProgress)
      if split.inputs.staticCount > 0, let inputs = whole.inputs {
        series.statics = inputs.features(inputs.width - split.inputs.staticWidth..<inputs.width)
        measured.fills = whole.fills
      }
      if data.horizon == nil, requirements.scalesTargets { measured.targets = whole.targets }
    }
    let tables = try measure(split, series, fills: measured.fills, onProgress)
    seriesTables.withLock { $0[data.split.train] = tables }
    if !series.names.isEmpty { (series.inputs, series.targets) = tables }
    measured.series = series
    return measured
  }

  private func measure(
    _ split: Split, _ series: SeriesScaling, fills: [Float]?, _ onProgress: @escaping (DataProgress) -> Void
  ) throws(WeftError) -> (inputs: ScaleTable?, targets: ScaleTable?) {
    var tables = try split.measureSeries(
      data.scalingKind, statics: series.statics, staticFills: fills?.suffix(split.inputs.staticWidth),
      season: data.season, forecasts: data.horizon != nil, onProgress: onProgress)
    if !requirements.scalesTargets { tables.targets = nil }
    return tables
  }

  /// The same split with a scale for each series, if they have scales of their own: that of training for a series that has
  /// the name of one there, otherwise that of its own values.
  func scaledBySeries(_ split: Split, _ name: String) throws(WeftError) -> Split {
    guard let series = traits.scaling.series else { return split }
    if let known = seriesTables.withLock({ $0[name] }) { return split.scaled(known) }
    let places = Dictionary(uniqueKeysWithValues: zip(series.names, series.names.indices))
    let known = (split.names ?? []).map { places[$0] }
    var tables: (inputs: ScaleTable?, targets: ScaleTable?)
    if known.isEmpty || known.contains(nil) || series.inputs == nil {
      tables = try measure(split, series, fills: traits.scaling.fills) { _ in }
    } else {
      tables = (series.inputs?.selecting(known), series.targets?.selecting(known))
    }
    for (number, place) in known.enumerated() {
      guard let place else { continue }
      if let own = series.inputs { tables.inputs?.replace(number, with: own, at: place) }
      if let own = series.targets { tables.targets?.replace(number, with: own, at: place) }
    }
    seriesTables.withLock { $0[name] = tables }
    return split.scaled(tables)
  }
}

extension [String] {
  /// The first text that occurs a second time.
  fileprivate var firstRepeated: String? {
    var seen: Set<String> = []
    return first { !seen.insert($0).inserted }
  }
}
