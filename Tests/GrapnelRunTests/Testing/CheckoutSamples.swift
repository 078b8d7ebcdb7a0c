import GrapnelRun
import TestSupport

/// The samples of the repository's connectors.
struct CheckoutSamples: SampleReading {
    func sampleNames(of provider: String) -> [String] { Checkout.names(in: "connectors/\(provider)/samples") }

    func sample(_ file: String, of provider: String) -> [UInt8]? {
        let path = "connectors/\(provider)/samples/\(file)"
        return Checkout.exists(path) ? Checkout.bytes(path) : nil
    }
}
