import Foundation
import Testing
import WeftBase

/// Memory as the system counts it.
@Suite struct ProcessUsageTests {
  @Test func peakIsOfThisProcess() throws {
    let bytes = 128 << 20
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 4096)
    defer { memory.deallocate() }
    memset(memory, 1, bytes)
    let resident = try #require(ProcessUsage.residentBytes)
    #expect(ProcessUsage.peakMemory >= bytes)
    // The kernel's counters lag behind by some pages for each thread.
    #expect(ProcessUsage.peakMemory >= resident - (8 << 20))
  }
}
