import ServiceLifecycle
import UnixSignals

/// Reads the hub directory again at SIGHUP.
struct ReloadSignal: Service {
    let controller: HubController

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { _ = await controller.reload() }
    }
}
