package import GrapnelCore
package import GrapnelFormat

/// Which vendors are stood in for, and where.
package struct EmulatorConfiguration: Sendable {
    /// The address to listen at. Default 127.0.0.1.
    package var host: String
    /// The port to listen at; 0 lets the system choose. Default 8090.
    package var port: Int
    /// The connectors, by the name that is the first part of the path.
    package var connectors: [String: ConnectorDefinition]
    /// The credentials that a stand-in takes, by connector and name; any credential is taken where there is none.
    package var credentials: [String: [String: String]]
    /// Whether bodies and inputs are kept, for people to look at. Default true; false for load.
    package var recordBodies: Bool
    /// How much is kept.
    package var recorderLimits: EmulatorRecorder.Limits
    /// The largest body that is read; a larger one gets 413. Default 10 MiB.
    package var maximumBody: ByteCount

    package init(
        connectors: [String: ConnectorDefinition], host: String = "127.0.0.1", port: Int = 8090,
        credentials: [String: [String: String]] = [:], recordBodies: Bool = true,
        recorderLimits: EmulatorRecorder.Limits = EmulatorRecorder.Limits(), maximumBody: ByteCount = .mebibytes(10)
    ) {
        self.host = host
        self.port = port
        self.connectors = connectors
        self.credentials = credentials
        self.recordBodies = recordBodies
        self.recorderLimits = recorderLimits
        self.maximumBody = maximumBody
    }
}
