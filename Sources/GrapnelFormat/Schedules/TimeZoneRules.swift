// The offsets of a time zone are the one thing of ICU that is needed; the binary has it anyway.
import FoundationEssentials
import FoundationInternationalization

/// The offset from UTC that clocks of a place show, and when it changes: the data of the tz database.
package struct TimeZoneRules: Sendable, Hashable {
    /// A moment at which the offset becomes another.
    struct Change: Sendable, Hashable {
        /// Seconds since 1970.
        var at: Int64
        /// Seconds that clocks show more than UTC from then on.
        var offset: Int64
    }

    /// Clocks that are never changed.
    package static let utc = TimeZoneRules(name: "UTC", zone: .gmt)

    /// The name of the tz database, such as `Europe/Berlin`.
    package let name: String
    private let zone: TimeZone

    private init(name: String, zone: TimeZone) {
        self.name = name
        self.zone = zone
    }

    /// The zone of this name; `nil` when there is none.
    package init?(_ name: String) {
        if name == "UTC" {
            self = .utc
            return
        }
        // Abbreviations and offsets such as GMT+3 are no places: their meaning depends on who reads them.
        guard name.contains("/"), let zone = TimeZone(identifier: name) else { return nil }
        self.init(name: name, zone: zone)
    }

    /// The zone whose name is nearest to `name`, when it is near enough to be meant.
    package static func nearest(to name: String) -> String? {
        Spelling.nearest(to: name, among: TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") } + ["UTC"])
    }

    /// Seconds that clocks show more than UTC.
    func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    /// The next change after a moment; `nil` when none is known.
    func nextChange(after seconds: Int64) -> Change? {
        guard let date = zone.nextDaylightSavingTimeTransition(after: Date(timeIntervalSince1970: Double(seconds)))
        else { return nil }
        let at = Int64(date.timeIntervalSince1970.rounded())
        return at > seconds ? Change(at: at, offset: offset(at: at)) : nil
    }
}
