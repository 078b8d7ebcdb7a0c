import FaultVFS
import GRDBSQLite
import Synchronization
import TestSupport

/// A folder whose databases SQLite reaches through `FaultVFS`: it keeps everything that was done to them, and fails
/// when it is told to.
final class FaultyDisk: Sendable {
    private struct State {
        var operations: [DiskOperation] = []
        /// The numbers of the files that have a name now.
        var names: [String: Int] = [:]
        var files = 0
        var faults: [DiskFault] = []
        var calls: [UInt32: Int] = [:]
        var gate: (call: fault_call, gate: DiskGate)?
    }

    let folder: TemporaryDirectory
    private let state = Mutex(State())

    /// - Parameter forgetsFull: Whether `PRAGMA synchronous = FULL` has no effect, so that GRDB's NORMAL stays.
    init(forgetsFull: Bool = false) throws {
        folder = try TemporaryDirectory("disk")
        let disk = fault_disk(
            // SQLite may come back to it at any time, so it is never given back.
            context: Unmanaged.passRetained(self).toOpaque(),
            decide: { context, request in
                guard let context, let request else { return fault_verdict() }
                return Unmanaged<FaultyDisk>.fromOpaque(context).takeUnretainedValue().decide(request.pointee)
            },
            made: { context, request in
                guard let context, let request else { return }
                Unmanaged<FaultyDisk>.fromOpaque(context).takeUnretainedValue().record(request.pointee)
            }, forgets_full: forgetsFull)
        fault_vfs_attach(folder.path, disk)
    }

    var path: String { folder.file("grapnel.db") }

    /// How much was done so far.
    var position: Int { state.withLock { $0.operations.count } }

    /// Everything that was done, in its order.
    var operations: [DiskOperation] { state.withLock { $0.operations } }

    /// How often SQLite asked for this, with or without success.
    func calls(_ call: fault_call) -> Int { state.withLock { $0.calls[call.rawValue] ?? 0 } }

    func fail(_ fault: DiskFault) { state.withLock { $0.faults.append(fault) } }

    /// Nothing goes wrong any more.
    func mend() { state.withLock { $0.faults = [] } }

    /// Holds the next call of this kind up.
    func holdNext(_ call: fault_call) -> DiskGate {
        let gate = DiskGate()
        state.withLock { $0.gate = (call, gate) }
        return gate
    }

    /// The files as they are, in a folder that does not fail.
    func copy() throws -> TemporaryDirectory {
        var history = DiskHistory()
        for operation in operations { history.make(operation) }
        let copy = try TemporaryDirectory("copy")
        try history.whole.write(into: copy)
        return copy
    }

    /// Watches no more, and forgets.
    func detach() {
        fault_vfs_detach(folder.path)
        state.withLock { $0.operations = [] }
    }

    private func decide(_ request: fault_request) -> fault_verdict {
        let name = FaultyDisk.name(request)
        let (verdict, gate) = state.withLock { state -> (fault_verdict, DiskGate?) in
            state.calls[request.call.rawValue, default: 0] += 1
            var verdict = fault_verdict()
            for index in state.faults.indices
            where state.faults[index].call == request.call && name.hasSuffix(state.faults[index].suffix) {
                guard state.faults[index].after == 0 else {
                    state.faults[index].after -= 1
                    continue
                }
                if let times = state.faults[index].times {
                    guard times > 0 else { continue }
                    state.faults[index].times = times - 1
                }
                let fault = state.faults[index]
                verdict = fault_verdict(code: fault.code, count: fault.writesHalf ? request.count / 2 : 0)
            }
            guard let gate = state.gate, gate.call == request.call else { return (verdict, nil) }
            state.gate = nil
            return (verdict, gate.gate)
        }
        gate?.pass()
        return verdict
    }

    private func record(_ request: fault_request) {
        let name = FaultyDisk.name(request)
        state.withLock { state in
            switch request.call {
            case FAULT_OPEN:
                guard request.is_new || state.names[name] == nil else { return }
                state.files += 1
                state.names[name] = state.files
                state.operations.append(.create(file: state.files, name: name))
            case FAULT_DELETE:
                state.names[name] = nil
                state.operations.append(.delete(name: name, withFolder: request.syncs_folder))
            default:
                guard let file = state.names[name] else { return }
                switch request.call {
                case FAULT_WRITE:
                    let bytes = Array(UnsafeRawBufferPointer(start: request.bytes, count: Int(request.count)))
                    state.operations.append(.write(file: file, offset: Int(request.offset), bytes: bytes))
                case FAULT_TRUNCATE: state.operations.append(.resize(file: file, size: Int(request.offset)))
                case FAULT_SYNC: state.operations.append(.sync(file: file, withFolder: request.syncs_folder))
                default: break
                }
            }
        }
    }

    private static func name(_ request: fault_request) -> String {
        let path = String(cString: request.path)
        return String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...])
    }
}
