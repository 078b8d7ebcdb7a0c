/// The spread of a measured time.
struct Percentiles: CustomStringConvertible {
    let median: Duration
    let ninetyNinth: Duration
    let greatest: Duration

    init(_ samples: [Duration]) {
        let sorted = samples.sorted()
        func at(_ part: Double) -> Duration {
            sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
        }
        median = at(0.5)
        ninetyNinth = at(0.99)
        greatest = sorted.last ?? .zero
    }

    var description: String {
        "p50 \(Self.text(median))  p99 \(Self.text(ninetyNinth))  max \(Self.text(greatest))"
    }

    /// Milliseconds with two digits behind the point.
    static func text(_ duration: Duration) -> String {
        let hundredths = Int(duration / .microseconds(10))
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) ms"
    }
}
