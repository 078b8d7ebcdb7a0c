import ArgumentParser
import Glibc
import GrapnelCrypto

/// `grapnel-bench timing`: whether the time of a comparison tells how much of a secret was right (the method of dudect,
/// https://eprint.iacr.org/2016/1123).
struct TimingBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timing", abstract: "Whether comparing signatures takes longer when more of one is right.")

    @Option(name: .long, help: "Comparisons.")
    var comparisons = 1_000_000

    /// Above this a difference is taken for real.
    private static let bound = 4.5

    func run() throws {
        let secret = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        var nearly = secret
        nearly[31] ^= 1
        var first = secret
        first[0] ^= 1
        // The classes come in an order that nothing else follows.
        var generator = SystemRandomNumberGenerator()
        var samples: [(isNearly: Bool, nanoseconds: Double)] = []
        samples.reserveCapacity(comparisons)
        var matches = 0
        for _ in 0..<comparisons {
            let isNearly = Bool.random(using: &generator)
            let candidate = isNearly ? nearly : first
            let began = Self.now()
            let isEqual = ConstantTime.isEqual(candidate, secret)
            samples.append((isNearly, Double(Self.now() - began)))
            if isEqual { matches += 1 }
        }
        // Interruptions are longer than any comparison.
        let cut = samples.map(\.nanoseconds).sorted()[comparisons * 9 / 10]
        let kept = samples.filter { $0.nanoseconds <= cut }
        let t = Self.welch(kept.filter(\.isNearly).map(\.nanoseconds), kept.filter { !$0.isNearly }.map(\.nanoseconds))
        let text = "\((t * 100).rounded() / 100)"
        print("\(comparisons) comparisons, \(matches) equal: t = \(text); a leak is above \(Self.bound)")
        if abs(t) > Self.bound { throw ExitCode.failure }
    }

    /// Welch's t of two samples.
    private static func welch(_ one: [Double], _ other: [Double]) -> Double {
        func moments(_ values: [Double]) -> (mean: Double, part: Double) {
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count - 1))
            return (mean, variance / Double(values.count))
        }
        let (a, b) = (moments(one), moments(other))
        return (a.mean - b.mean) / (a.part + b.part).squareRoot()
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
