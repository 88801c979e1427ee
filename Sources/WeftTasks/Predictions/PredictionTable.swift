import WeftBase

/// The columns of a model's predictions for a split.
///
/// A row belongs to a sequence, to a step of a sequence or stream, or to a window of a series, as its index columns say.
package struct PredictionTable: Sendable, Equatable {
  /// Names of the integer columns that say what a row belongs to, such as `sequence` and `step`.
  package var index: [String]
  /// The predicted columns and, where the data have them, the targets.
  package var columns: [Column]
  /// Names of the predicted classes; empty for other models.
  package var classes: [String] = []
  /// Levels of predicted quantiles; empty without any.
  package var levels: [Double] = []
  /// The name of each sequence or series, by its number; empty if the data name none.
  package var names: [String] = []
  /// The names of forecast targets, which name their columns; empty if the data name none.
  package var targets: [String] = []
  /// How times are written; nil for data without.
  package var times: TimeStyle?
  /// What the user should know, one a line.
  package var notes: [String] = []

  /// A named column of numbers or text.
  package struct Column: Sendable, Equatable {
    package let name: String
    package let kind: Kind
    /// Shape of one row; empty for a single value.
    package let shape: [Int]
    /// A name for each value of a row; empty for a single value. For columns with a step axis, of one step.
    package let labels: [String]
    /// The axis of `shape` that is time, if a row has several steps.
    package let stepAxis: Int?

    package init(_ name: String, _ kind: Kind, shape: [Int] = [], labels: [String] = [], stepAxis: Int? = nil)
    {
      self.name = name
      self.kind = kind
      self.shape = shape
      self.labels = labels
      self.stepAxis = stepAxis
    }

    /// Values per row.
    package var width: Int { shape.reduce(1, *) }
  }

  /// The type of a column.
  package enum Kind: Sendable, Equatable {
    /// Numbers in single precision, such as probabilities.
    case float
    /// Numbers in the units of the data, in double precision.
    case double
    /// Numbers of classes.
    case integer
    case text
    /// Times as the data have them: seconds since 1970, or numbers; NaN if unknown.
    case time
  }

  /// Steps per row, if rows are windows; nil otherwise.
  package var stepsPerRow: Int? {
    columns.lazy.compactMap { column in column.stepAxis.map { column.shape[$0] } }.first
  }
}

/// Rows of predictions, in the order of the data.
package struct PredictedRows: Sendable, Equatable {
  /// Values of the index columns, `[index columns][rows]`.
  package var index: [[Int]]
  /// Values of the columns, `[columns]`, each row-major `[rows, width]`.
  package var columns: [Values]

  package init(index: [[Int]], columns: [Values]) {
    self.index = index
    self.columns = columns
  }

  /// The values of a column.
  package enum Values: Sendable, Equatable {
    case numbers([Double])
    case integers([Int32])
    case texts([String])
  }

  /// Number of rows.
  package var count: Int { index.first?.count ?? 0 }
}
