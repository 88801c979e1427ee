import WeftBase

extension ZipArchive {
  /// The bytes of a member, decompressed into an anonymous temporary file beside `path` for random access.
  ///
  /// - Throws: If it is damaged, or compressed by a method other than Deflate.
  package func open(_ member: Member, beside path: String) throws(WeftError) -> RandomAccessFile {
    let name = "\(file.path): \(member.name)"
    return try RandomAccessFile(temporaryBeside: path, name: name) { descriptor throws(WeftError) in
      try unpack(member, to: descriptor, name: "a temporary file")
    }
  }

  /// Writes the bytes of a member to an open file, whose name is for errors.
  ///
  /// - Throws: As ``contents(of:isCheckedIfZero:)``; if the disk is full.
  package func unpack(_ member: Member, to descriptor: Int32, name: String) throws(WeftError) {
    try unpack(member) { bytes throws(WeftError) in
      let code = bytes.withUnsafeBytes { writeCompletely($0, to: descriptor) }
      guard code == 0 else {
        throw .system("\(file.path): \(member.name): cannot be unpacked to \(name)", code)
      }
    }
  }

  /// The bytes of a member.
  ///
  /// - Parameter isCheckedIfZero: Whether a checksum of 0 must be right; PyTorch can leave it out.
  /// - Throws: If it is damaged, compressed by a method other than Deflate, or larger than the budget allows.
  package func contents(of member: Member, isCheckedIfZero: Bool = true) throws(WeftError) -> [UInt8] {
    var contents: [UInt8] = []
    try unpack(member, isCheckedIfZero: isCheckedIfZero) { contents += $0 }
    return contents
  }

  /// The member of this name; nil if there is none.
  ///
  /// - Throws: If there are several, of which other programs may read another.
  package func member(_ name: String) throws(WeftError) -> Member? {
    let found = members.filter { $0.name == name }
    guard found.count <= 1 else { throw .data("\(file.path): contains '\(name)' twice; is it damaged?") }
    return found.first
  }

  private func unpack(
    _ member: Member, isCheckedIfZero: Bool = true, to sink: (ArraySlice<UInt8>) throws(WeftError) -> Void
  ) throws(WeftError) {
    let name = "\(file.path): \(member.name)"
    let head = try file.read(at: member.headOffset, count: 30)
    guard member.headOffset >= 0, head.count == 30, head.number(at: 0, 4) == 0x0403_4b50 else {
      throw .data("\(name): is damaged")
    }
    guard member.method == 0 || member.method == 8 else {
      throw .data(
        "\(name): unsupported compression method \(member.method); store or deflate it")
    }
    let start = member.headOffset + 30 + head.number(at: 26, 2) + head.number(at: 28, 2)
    guard member.compressedCount >= 0, start <= file.byteCount - member.compressedCount else {
      throw .data("\(name): is truncated")
    }
    try budget.take(bytes: member.count)
    let unpacker = try Unpacker(name: name, isDeflated: member.method == 8)
    var offset = start
    let end = start + member.compressedCount
    while offset < end {
      let part = try file.read(at: offset, count: min(1 << 20, end - offset))
      guard !part.isEmpty else { throw .data("\(name): is truncated") }
      offset += part.count
      try unpacker.add(part) { bytes throws(WeftError) in
        // Archives that decompress to more than their directory claims.
        guard unpacker.count <= member.count else { throw mismatch(name) }
        try sink(bytes)
      }
    }
    let isChecked = isCheckedIfZero || member.checksum != 0
    guard unpacker.count == member.count, !isChecked || unpacker.checksum == member.checksum else {
      throw mismatch(name)
    }
  }

  private func mismatch(_ name: String) -> WeftError {
    .data("\(name): is damaged: length or checksum does not match the archive")
  }
}
