/// Weft's version, which checkpoints record.
public let weftVersion = "0.1.0"
