/// Names of attributes of a file of series.
enum SeriesAttributes {
  /// The usual distance of steps in seconds.
  static let step = "seconds_per_step"
  /// How many steps are to be forecast.
  static let horizon = "horizon"
}
