package import GrapnelFormat

/// Whether this hub takes handlers that are programs, and with what around them.
package struct ProcessPolicy: Sendable, Hashable {
    /// What to do where bubblewrap is missing.
    static let install =
        "bubblewrap is not installed: apt-get install bubblewrap, or write sandbox: none if it is a script of your own "
        + "that may do whatever the hub may"

    /// `process_handlers:` of grapnel.yaml.
    package var isEnabled: Bool
    /// The path of bubblewrap; `nil` when it is not installed.
    package var bubblewrap: String?
    /// Where a program without slashes is looked up first.
    package var programs: String
    /// How many tenants the hub has.
    package var tenants: Int

    package init(isEnabled: Bool = false, bubblewrap: String? = nil, programs: String = "", tenants: Int = 1) {
        self.isEnabled = isEnabled
        self.bubblewrap = bubblewrap
        self.programs = programs
        self.tenants = tenants
    }

    /// Why a recipe's program is refused; `nil` when it is not.
    package func refusal(of handler: ProcessHandler) -> String? {
        guard isEnabled else {
            return "its handler is a program, and this hub runs scripts only; the operator can change that by "
                + "process_handlers: true in grapnel.yaml"
        }
        switch handler.sandbox {
        case .bubblewrap: return bubblewrap == nil ? ProcessPolicy.install : nil
        case .none:
            return tenants > 1
                ? "sandbox: none is for a hub with one tenant; remove it, so that bubblewrap is around the program"
                : nil
        }
    }
}
