/// Why a run cannot be planned; said to who asked.
package struct ScheduleError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
