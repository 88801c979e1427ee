import WeftTasks

/// The configurations of runs, with their differences.
struct ConfigurationTable {
  private let runs: [RecordedRun]

  init(_ runs: [RecordedRun]) { self.runs = runs }

  var html: String {
    let values = runs.map { $0.configuration.values }
    let keys = values[0].map(\.key)
    let rows = keys.indices.map { index in [keys[index]] + values.map { $0[index].value ?? "not set" } }
    let differing = rows.filter { Set($0.dropFirst()).count > 1 }
    let defaults = Configuration().values.map { $0.value ?? "not set" }
    let changed = Set(
      rows.indices.filter { index in rows[index].dropFirst().contains { $0 != defaults[index] } })
    let headings = ["key"] + runs.map(\.name)
    let all = HTML.table([headings] + rows, marked: changed)
    if runs.count == 1 {
      let own = changed.sorted().map { rows[$0] + [defaults[$0]] }
      return "<p>Non-default keys:</p>" + HTML.table([["key", "value", "default"]] + own)
        + HTML.details("All keys", all)
    }
    return
      (differing.isEmpty
      ? "<p>The runs have the same configuration.</p>"
      : "<p>Differences between the runs:</p>" + HTML.table([headings] + differing))
      + HTML.details("All keys (non-default values are marked)", all)
  }
}
