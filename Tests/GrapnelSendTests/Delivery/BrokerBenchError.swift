/// A test waited in vain.
struct BrokerBenchError: Error {
    let message: String
}
