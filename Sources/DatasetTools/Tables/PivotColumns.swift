import WeftBase

/// Which columns of a table are gathered.
struct PivotColumns {
  let times: [Int]
  let groups: [Int]
  /// The columns of names and values of a long table.
  var long: (names: Int, values: Int)?
  /// Columns of which a row has one value: those of groups and times, and others that are used.
  private(set) var kept: [Int]
  /// Columns whose values are gathered in steps.
  private(set) var valueIndices: [Int] = []
  private(set) var valueNames: [String] = []

  init(_ pivot: TablePivot?, _ table: TableDataset, _ reader: TableReader) throws {
    guard let time = table.time else {
      throw WeftError.usage(
        "\(pivot == nil ? "--resample" : "--names-from") needs --time, the column that tells which values are of one row"
      )
    }
    let times = try reader.indices(of: time, option: "time")
    let groups = try table.group.map { try reader.indices(of: $0, option: "group") } ?? []
    (self.times, self.groups) = (times, groups)
    kept = times + groups.filter { !times.contains($0) }
    if let pivot {
      long = (
        try reader.index(of: pivot.names, option: "names-from"),
        try reader.index(of: pivot.values, option: "values-from")
      )
    }
    for join in table.joins {
      let others = reader.names.enumerated().map {
        $0.offset == long?.names || $0.offset == long?.values ? "" : $0.element
      }
      kept += try join.columns(others, table.format).filter { !kept.contains($0) }
    }
    var inputs = reader.joined(table.inputs)
    let statics = reader.joined(table.statics)
    let others =
      reader.joined(table.targets + table.covariates + table.categories)
      + [table.anomalies].compactMap(\.self)
    if pivot == nil, inputs.contains(where: { $0.contains("*") }) {
      let own = kept.map { reader.names[$0] } + (reader.namesFiles ? [TableReader.fileColumn] : [])
      let chosen = try reader.expanded(inputs, except: Set(others + statics + own))
      inputs = try reader.removing(reader.joined(table.skipped), from: chosen)
    }
    for name in inputs + others + statics {
      guard let index = try? reader.index(of: name), index != long?.names, index != long?.values,
        !kept.contains(index), !valueIndices.contains(index)
      else { continue }
      if table.resampling == nil || statics.contains(name) {
        kept.append(index)
      } else {
        valueIndices.append(index)
        valueNames.append(reader.names[index])
      }
    }
  }
}
