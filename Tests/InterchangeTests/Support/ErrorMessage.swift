/// The message of the error that `body` throws; empty if it throws none.
func errorMessage(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch { return "\(error)" }
}
