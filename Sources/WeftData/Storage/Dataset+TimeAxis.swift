import HDF5

extension Dataset {
  /// What dimensions of time are called.
  private static let timeNames: Set<String> = [
    "time", "times", "t", "step", "steps", "timestep", "timesteps", "time_step", "time_steps", "valid_time",
    "date",
    "datetime", "frame", "frames",
  ]

  /// The dimension that is named as time; nil if none is, or several are.
  package var timeAxis: Int? {
    get throws {
      let names = try dimensionNames
      let found = names.indices.filter { Self.timeNames.contains(names[$0].lowercased()) }
      return found.count == 1 ? found[0] : nil
    }
  }
}
