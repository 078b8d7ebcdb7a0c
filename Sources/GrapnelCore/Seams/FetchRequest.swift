/// A plain HTTP request of a handler to a host that its manifest names.
package struct FetchRequest: Sendable {
    package var run: LeasedRun
    /// What the manifest allows `fetch` to reach: exact host names, with a port when it is not the scheme's own.
    package var allowedHosts: [String]
    package var method: String
    package var url: String
    package var headers: HeaderFields
    package var body: [UInt8]
    /// `fetch#n` in program order.
    package var step: String
    package var timeout: Duration

    package init(
        run: LeasedRun, allowedHosts: [String], method: String, url: String, headers: HeaderFields, body: [UInt8],
        step: String, timeout: Duration
    ) {
        self.run = run
        self.allowedHosts = allowedHosts
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.step = step
        self.timeout = timeout
    }
}
