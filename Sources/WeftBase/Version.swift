/// The version of Weft, which is stored in checkpoints.
public let weftVersion = "0.2.0"
