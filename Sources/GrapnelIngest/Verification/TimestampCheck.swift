import GrapnelCore
import GrapnelFormat

/// Whether a signed time is near enough to now.
enum TimestampCheck {
    /// Why a request with this time is refused; `nil` when it is not.
    static func rejection(
        of found: SignatureReading.Found, _ timestamp: SignatureTimestamp, now: Timestamp
    ) -> RejectionKind? {
        switch found {
        case .never: return .missingTimestamp
        case .repeatedly: return .malformedTimestamp
        case .once(let text):
            guard !text.isEmpty else { return .missingTimestamp }
            guard let time = time(text, timestamp.unit) else { return .malformedTimestamp }
            if now - time > timestamp.tolerance { return .staleTimestamp }
            if time - now > timestamp.tolerance { return .futureTimestamp }
            return nil
        }
    }

    /// The time that was found; `nil` when it is none.
    static func time(of found: SignatureReading.Found, _ timestamp: SignatureTimestamp) -> Timestamp? {
        guard case .once(let text) = found else { return nil }
        return time(text, timestamp.unit)
    }

    /// The most digits that are read: beyond them no time is meant, and a product could not overflow.
    private static let maximumDigits = 15

    private static func time(_ text: String, _ unit: SignatureTimestamp.Unit) -> Timestamp? {
        if unit == .rfc3339 { return Timestamp(rfc3339: text) }
        guard (1...maximumDigits).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(text)
        else { return nil }
        return Timestamp(milliseconds: unit == .seconds ? number * 1000 : number)
    }
}
