/// Which layers of the sandbox hold around the isolates of this machine: data for `grapnel doctor`.
package struct SandboxReport: Sendable, Hashable {
    /// One layer.
    package enum Layer: String, Sendable, Hashable, CaseIterable {
        case userNamespace = "user_namespace"
        case processNamespace = "process_namespace"
        case mountNamespace = "mount_namespace"
        case networkNamespace = "network_namespace"
        case ipcNamespace = "ipc_namespace"
        case capabilities
        case resourceLimits = "resource_limits"
        case memoryLimit = "memory_limit"
        case cpuTimer = "cpu_timer"
        case noNewPrivileges = "no_new_privileges"
        case undumpable
        case landlock
        case seccomp
    }

    /// Whether a layer holds.
    package enum State: Sendable, Hashable {
        case active
        /// The kernel refused it; the error number says why.
        case refused(errno: Int32)
    }

    /// Every layer, in the order in which a child takes them on; empty until the first child was ready.
    package var layers: [Layer: State]
    /// Whether just-in-time compilation is on.
    package var allowsJIT: Bool

    package init(layers: [Layer: State] = [:], allowsJIT: Bool) {
        self.layers = layers
        self.allowsJIT = allowsJIT
    }

    /// The layers that do not hold, in order.
    package var refused: [Layer] {
        Layer.allCases.filter { if case .refused = layers[$0] { true } else { false } }
    }
}
