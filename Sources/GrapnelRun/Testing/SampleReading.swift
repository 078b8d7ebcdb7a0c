/// Where the samples of providers are: the files of `connectors/<provider>/samples/`.
package protocol SampleReading: Sendable {
    /// The names of a provider's sample files, sorted; none when there is no such provider.
    func sampleNames(of provider: String) -> [String]
    /// The bytes of a sample file; `nil` when there is none.
    func sample(_ file: String, of provider: String) -> [UInt8]?
}
