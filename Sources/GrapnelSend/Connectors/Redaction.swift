import Glibc
package import GrapnelCore
import GrapnelCrypto

/// Takes the values of credentials out of what comes back from a vendor and of what people read: an endpoint that
/// echoes its request must not teach a handler or a log the secret.
package struct Redaction: Sendable {
    /// What stands in place of a secret.
    package static let mark = "[redacted]"
    /// Shorter values are left alone: they would turn up in ordinary text, and are no secrets.
    private static let shortest = 6

    private let needles: [[UInt8]]

    /// - Parameter secrets: The values that a request carries; they are looked for as they are, in both alphabets of
    ///   base 64, percent-encoded and as JSON text.
    package init(secrets: [[UInt8]]) {
        var needles: Set<[UInt8]> = []
        for secret in secrets where secret.count >= Redaction.shortest {
            needles.insert(secret)
            needles.insert(Array(Base64.encode(secret).utf8))
            needles.insert(Array(Base64.encodeURL(secret).utf8))
            needles.insert(Redaction.percentEncoded(secret))
            needles.insert(
                Array(JSONWriter.bytes(.string(String(decoding: secret, as: UTF8.self))).dropFirst().dropLast()))
        }
        // A longer form may hold a shorter one.
        self.needles = needles.sorted { $0.count > $1.count }
    }

    /// `bytes` without secrets.
    package func apply(to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for needle in needles {
            var start = 0
            while let found = Redaction.firstIndex(of: needle, in: bytes, from: start) {
                bytes.replaceSubrange(found..<(found + needle.count), with: Redaction.mark.utf8)
                // Never the mark again, which a secret may be a part of.
                start = found + Redaction.mark.utf8.count
            }
        }
        return bytes
    }

    /// `text` without secrets.
    package func apply(to text: String) -> String {
        needles.isEmpty ? text : String(decoding: apply(to: Array(text.utf8)), as: UTF8.self)
    }

    /// An answer without secrets, ready to be read.
    package func apply(to response: EgressResponse) -> EgressResponse {
        guard !needles.isEmpty else { return response }
        return EgressResponse(
            status: response.status, head: apply(to: response.head), body: apply(to: response.body))
    }

    /// A failure whose message holds no secret.
    package func apply(to failure: CallFailure) -> CallFailure {
        var failure = failure
        failure.message = apply(to: failure.message)
        return failure
    }

    private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            if isPlain || "-._~".utf8.contains(byte) { return [byte] }
            return [UInt8(ascii: "%")] + Array(Hex.encode([byte]).uppercased().utf8)
        }
    }

    private static func firstIndex(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            needle.withUnsafeBytes { needle in
                guard let base = bytes.baseAddress, let wanted = needle.baseAddress else { return nil }
                var position = start
                while position + needle.count <= bytes.count {
                    let rest = bytes.count - needle.count - position + 1
                    guard let found = memchr(base + position, Int32(needle[0]), rest) else { return nil }
                    position = UnsafeRawPointer(found) - base
                    if memcmp(found, wanted, needle.count) == 0 { return position }
                    position += 1
                }
                return nil
            }
        }
    }
}
