import HDF5
import WeftBase
import WeftData

/// Faults of the offsets and lengths that say where sequences are.
enum SequenceLayoutCheck {
  /// Groups with sequences, the usual splits first.
  static func groups(of file: File) throws -> [String] {
    let found = try file.children.filter { child in
      guard child.isGroup else { return false }
      return try ["tokens", "inputs"].contains { try file.contains("\(child.name)/\($0)") }
    }.map(\.name)
    return SplitNames.usualFirst(found)
  }

  /// The faults of a group.
  static func faults(in group: Group, file: String) -> [DataFault] {
    let inputs = ["tokens", "inputs"].first { (try? group.contains($0)) == true } ?? "inputs"
    return faults(ofOffsets: "offsets", to: inputs, allowsEmpty: false, in: group, file: file)
      + faults(ofOffsets: "target_offsets", to: "targets", allowsEmpty: true, in: group, file: file)
      + faults(ofLengths: "lengths", of: inputs, minimum: 1, in: group, file: file)
      + faults(ofLengths: "target_lengths", of: "targets", minimum: 0, in: group, file: file)
  }

  private static func values(
    _ name: String, of other: String, in group: Group, file: String
  ) -> Result<(values: [Int], shape: [Int]), DataFault>? {
    guard (try? group.contains(name)) == true else { return nil }
    do throws(HDF5Error) {
      let values = try group.dataset(name).read(as: Int.self)
      return .success((values, try group.dataset(other).shape))
    } catch {
      return .failure(
        DataFault(
          file: file, dataset: "\(group.path)/\(name)", kind: "\(error.attempt): \(error.cause)"))
    }
  }

  private static func faults(
    ofOffsets name: String, to steps: String, allowsEmpty: Bool, in group: Group, file: String
  ) -> [DataFault] {
    switch values(name, of: steps, in: group, file: file) {
    case nil: return []
    case .failure(let fault): return [fault]
    case .success(let (offsets, shape)):
      var faults: [DataFault] = []
      func add(_ kind: String, _ places: [String]) {
        if places.isEmpty { return }
        faults.append(
          DataFault(
            file: file, dataset: "\(group.path)/\(name)", kind: kind, count: places.count,
            places: Array(places.prefix(3))))
      }
      let pairs = zip(offsets, offsets.dropFirst()).enumerated()
      func text(_ index: Int) -> String {
        "sequence \(index) (\(offsets[index]) to \(offsets[index + 1]))"
      }
      add("decreasing offsets", pairs.filter { $1.1 < $1.0 }.map { text($0.offset) })
      if !allowsEmpty {
        add("empty sequence", pairs.filter { $1.1 == $1.0 }.map { text($0.offset) })
      }
      if offsets.first != 0 {
        add("first offset is not 0", ["\(offsets.first.map(String.init) ?? "none")"])
      }
      if offsets.last != shape.first ?? 0 {
        add(
          "last offset is not the number of steps, \(shape.first ?? 0)",
          ["\(offsets.last.map(String.init) ?? "none")"])
      }
      return faults
    }
  }

  private static func faults(
    ofLengths name: String, of rows: String, minimum: Int, in group: Group, file: String
  ) -> [DataFault] {
    switch values(name, of: rows, in: group, file: file) {
    case nil: return []
    case .failure(let fault): return [fault]
    case .success(let (lengths, shape)):
      var faults: [DataFault] = []
      let path = "\(group.path)/\(name)"
      let steps = shape.count > 1 ? shape[1] : 0
      let wrong = lengths.indices.filter { !(minimum...max(minimum, steps)).contains(lengths[$0]) }
      if !wrong.isEmpty {
        faults.append(
          DataFault(
            file: file, dataset: path, kind: "length not between \(minimum) and \(steps)",
            count: wrong.count,
            places: wrong.prefix(3).map { "sequence \($0) (\(lengths[$0]))" }))
      }
      if lengths.count != shape.first ?? 0 {
        faults.append(
          DataFault(
            file: file, dataset: path,
            kind: "has \(lengths.count) lengths for \(shape.first ?? 0) sequences")
        )
      }
      return faults
    }
  }
}

extension DataFault: Error {}
